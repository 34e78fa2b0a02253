import { closeSync, mkdtempSync, openSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLeaks, type NodeOptions, type NodeProgram, nodeChild } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inheritance, type Surroundings, surroundings } from './fixtures/surroundings.ts';
import { inChild } from './in-child.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

const program = new URL('./fixtures/programs/show-surroundings.ts', import.meta.url);
const code = `import(${JSON.stringify(new URL('./fixtures/show-surroundings.ts', import.meta.url).href)})
  .then(({ showSurroundings }) => showSurroundings());`;
const preload = new URL('./fixtures/preload.cjs', import.meta.url);

describe.each(startMethods)('a child by %s', (method) => {
  test('has the folder, the arguments, the options and the environment of its parent at the start', async () => {
    const folder = realpathSync(mkdtempSync(`${tmpdir()}/cwd-`));
    const before = process.cwd();
    process.chdir(folder);
    process.env.MP_SURROUNDINGS = 'changed ß =';
    onTestFinished(() => {
      process.chdir(before);
      delete process.env.MP_SURROUNDINGS;
    });
    const child = await inChild(method, surroundings, []);
    expect(child.cwd).toBe(folder);
    expect(child.argv).toEqual(process.argv);
    expect(child.execPath).toBe(process.execPath);
    expect(child.execArgv).toEqual(process.execArgv);
    expect(child.env).toEqual({ ...process.env });
    expect(child.env.MP_SURROUNDINGS).toBe('changed ß =');
  });

  test('has the key of its family; of the descriptors of its parent only what it needs, unless it is a copy', async () => {
    const before = await inChild(method, inheritance, []);
    expect(before.key).toBe(inheritance().key);
    const path = join(realpathSync(mkdtempSync(`${tmpdir()}/open-`)), 'file');
    const opened = Array.from({ length: 10 }, () => openSync(path, 'a'));
    const { descriptors } = await inChild(method, inheritance, []);
    for (const descriptor of opened) closeSync(descriptor);
    expect(descriptors.filter((target) => target === path)).toHaveLength(method === 'fork' ? 10 : 0);
    // In the first child an eventfd may stand for what the fork server was just opening.
    if (method !== 'fork') expect(descriptors.length).toBeLessThanOrEqual(before.descriptors.length);
  });

  /** What a child of a program finds; the program's last argument is the start method. */
  async function shown(
    program: NodeProgram,
    options: NodeOptions,
  ): Promise<{ readonly child: Surroundings; readonly argv: string[]; readonly stdin: string }> {
    const result = await nodeChild(program, { ...options, args: [...(options.args ?? []), method] });
    expect(result).toMatchObject({ code: 0, signal: null });
    return JSON.parse(result.stdout);
  }

  test('gets the options of Node that its parent was started with; its standard input is empty, and the whole of it its parent’s', async () => {
    const { child, argv, stdin } = await shown(program, {
      input: 'for the parent',
      args: ['--not-for-node', 'a b'],
      execArgv: ['--stack-trace-limit=7', '-r', preload.pathname, '-C', 'mine'],
    });
    expect([child.stdin, stdin]).toEqual(['', 'for the parent']);
    expect(child.stackTraceLimit).toBe(7);
    expect(child.preloaded).toBe(1);
    expect(child.argv).toEqual(argv);
    expect(child.argv.slice(2)).toEqual(['--not-for-node', 'a b', method]);
  });

  describe('can be started by a program', () => {
    const oddities: readonly [title: string, execArgv: string[], input: string][] = [
      ['given as text', ['--eval', code], ''],
      ['given as text of a module', ['--input-type=module', '-e', code], ''],
      ['given as text whose result is printed', ['-p', '-e', `${code} ''`], ''],
      ['given in its standard input', ['-'], code],
    ];
    test.each(oddities)('%s', async (_, execArgv, input) => {
      const { stdout, code } = await nodeChild(preload, { execArgv, args: [method], input });
      expect(code).toBe(0);
      const { child, argv } = JSON.parse(stdout);
      expect(child.argv).toEqual(argv);
      expect(argv.at(-1)).toBe(method);
    });

    // A forked child has no options of its own, and these make threads that cannot be copied: see launch/fork.test.ts.
    test.runIf(method !== 'fork').each([
      ['that is inspected', ['--inspect=0']],
      ['with a port for its inspector', ['--inspect-port', '0']],
      ['with options of the test runner', ['--test-reporter', 'spec', '--test-name-pattern', 'x']],
      ['that is profiled', ['--cpu-prof', '--cpu-prof-dir', 'TMPDIR', '--cpu-prof-interval', '100000']],
    ])('%s', async (_, execArgv) => {
      const folder = mkdtempSync(`${tmpdir()}/profile-`);
      const { child } = await shown(program, { execArgv: execArgv.map((option) => option.replace('TMPDIR', folder)) });
      expect(child.execArgv).toEqual(['--conditions=@mp/source', '--disable-warning=ExperimentalWarning']);
    });
  });
});
