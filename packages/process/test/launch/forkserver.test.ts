import { ForkServerProcess, setForkserverPreload } from '@mp/process';
import { checkLeaks, nodeChild } from '@mp/testing';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { inProgram } from '../fixtures/in-program.ts';
import { surroundings } from '../fixtures/surroundings.ts';
import '../start-methods.ts';

checkLeaks();

const program = (name: string): URL => new URL(`../fixtures/programs/${name}`, import.meta.url);
const preloaded: string = new URL('../fixtures/preloaded.ts', import.meta.url).href;

test('children see the environment of the start, and not that of the server', async () => {
  process.env.MP_LATE = 'one';
  onTestFinished(() => {
    delete process.env.MP_LATE;
  });
  expect((await inProgram(ForkServerProcess, surroundings)).env.MP_LATE).toBe('one');
  process.env.MP_LATE = 'two';
  expect((await inProgram(ForkServerProcess, surroundings)).env.MP_LATE).toBe('two');
  delete process.env.MP_LATE;
  expect((await inProgram(ForkServerProcess, surroundings)).env.MP_LATE).toBeUndefined();
});

test('a server heeds no Ctrl-C; one that was killed is replaced, and its children go on', async () => {
  const { stdout, code } = await nodeChild(program('server-lost.ts'));
  expect(stdout.split('\n')).toEqual([
    'idle',
    'the same server after Ctrl-C: true',
    'another server: true',
    'ended with 7',
    'the other is alive: true',
    'and has ended, nobody knows how: 255',
    '',
  ]);
  expect(code).toBe(0);
});

describe('preloading', () => {
  afterEach(() => setForkserverPreload([]));

  const run = (onError: string, ...modules: string[]) =>
    nodeChild(program('preloading.ts'), { args: [onError, ...modules] });

  test('loads modules in the server, and children have them', async () => {
    expect((await run('ignore')).stdout).toBe('{"byServer":false}\n');
    expect(await run('ignore', preloaded)).toMatchObject({ stdout: '{"byServer":true}\n', stderr: '', code: 0 });
  });

  test('of the main module loads what it imports', async () => {
    expect(await run('fail', '__main__')).toMatchObject({ stdout: '{"byServer":true}\n', stderr: '', code: 0 });
  });

  test('ignores what cannot be loaded, warns of it, or fails', async () => {
    expect(await run('ignore', '/nowhere/at/all.ts', preloaded)).toMatchObject({
      stdout: '{"byServer":true}\n',
      stderr: '',
    });
    const warned = await run('warn', '/nowhere/at/all.ts', preloaded);
    expect(warned.stdout).toBe('{"byServer":true}\n');
    expect(warned.stderr).toContain('could not preload file:///nowhere/at/all.ts');
    const failed = await run('fail', '/nowhere/at/all.ts', preloaded);
    expect(failed.stdout).toMatch(/^ERR_MP_START: The fork server \(pid \d+\) has ended before .*onError: 'fail'/);
    expect(failed.stderr).toContain('could not preload file:///nowhere/at/all.ts');
  });

  test('takes a list of names, and one of three words', () => {
    expect(() => setForkserverPreload('x' as never)).toThrow(TypeError);
    expect(() => setForkserverPreload([1] as never)).toThrow(/array of strings/);
    expect(() => setForkserverPreload([], { onError: 'x' as never })).toThrow(/'ignore', 'warn' or 'fail'/);
  });
});
