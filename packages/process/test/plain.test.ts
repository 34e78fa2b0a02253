// @module-tag every-node
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLeaks, type NodeOptions, nodeChild, startNode } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';

checkLeaks();

const program = new URL('./fixtures/programs/plain.ts', import.meta.url);

/** What the child printed, line by line, and then how it ended. */
async function run(target: string, args: readonly unknown[] = [], options: NodeOptions = {}): Promise<unknown[]> {
  const words = [target, ...args.map((arg) => JSON.stringify(arg))];
  const { stdout } = await nodeChild(program, { args: words, ...options });
  return stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as unknown] : []));
}

test('a child that needs nothing of ours does not even open its connection, and has its arguments and those of the program', async () => {
  const args = ['two words', -1.5, true, null];
  const more = ['facts', ...args.map((arg) => JSON.stringify(arg))];
  const [facts, end] = await run('facts', args);
  expect(facts).toEqual({ args, script: 'plain.ts', more, connected: false });
  expect(end).toEqual({ exitCode: 0 });
});

test('arguments that are more than plain are received with it', async () => {
  const [facts] = await run('facts', [{ a: 1 }, [2]]);
  expect(facts).toMatchObject({ args: [{ a: 1 }, [2]], connected: true });
});

const family = { name: 'SpawnProcess-1', target: true, hasParent: true, method: 'spawn' };

test('it learns who it is when its target asks, and keeps the arguments that the target has changed', async () => {
  expect(await run('asks')).toEqual([{ ...family, last: 'mine', connected: true }, { exitCode: 0 }]);
});

test('it learns who it is even if the export that was its target has changed since', async () => {
  expect(await run('changesItself')).toEqual([{ ...family, last: 'mine', connected: true }, { exitCode: 0 }]);
});

test('it learns who it is though an option has loaded the package before its order was read', async () => {
  const [facts] = await run('asks', [], { execArgv: ['--import', '@mp/process'] });
  expect(facts).toMatchObject(family);
});

test('its start method is settled before the package that starts processes is loaded; what its target chooses stays', async () => {
  expect(await run('choosesMethod')).toEqual([{ refused: 'StartMethodError', chosen: true }, { exitCode: 0 }]);
});

test.each(['neverCalled', 'required'])('a module that fails is loaded once (%s)', async (target) => {
  const error = expect.stringMatching(/^UnpicklingError: .*RangeError: thrown/);
  expect(await run(target)).toEqual([{ loading: 1 }, { exitCode: 1, error }]);
});

test('it does not outlive its parent, even in an endless loop', async () => {
  const parent = startNode(program, { args: ['spins'] });
  await parent.says('spinning');
  parent.kill();
  // Not before the child has closed its output.
  expect(await parent.ended).toMatchObject({ signal: 'SIGKILL' });
});

test('it learns who it is when something that its module imports asks', async () => {
  expect(await run('tells')).toEqual([{ ...family, same: true }, { exitCode: 0 }]);
});

test('it may start children', async () => {
  expect(await run('startsAnother')).toEqual([{ code: 0 }, { exitCode: 0 }]);
});

test('its module may await something while it is imported', async () => {
  expect(await run('tellsAwaited')).toEqual([{ awaited: 'awaited' }, { exitCode: 0 }]);
});

test.each([
  ['throws', 'RangeError: thrown'],
  ['throwsLater', 'RangeError: thrown'],
  ['throwsWhileAsking', 'RangeError: thrown'],
  ['neverEnds', expect.stringMatching(/SpawnProcess-1 ended too early: the promise of its target is not settled/)],
  ['another', expect.stringMatching(/here that is something else/)],
])('%s is reported to its parent', async (target, error) => {
  expect(await run(target)).toEqual([{ exitCode: 1, error }]);
});

test('Node prints an error that comes up when its loop has been empty before', async () => {
  const { stdout, stderr } = await nodeChild(program, { args: ['throwsAtTheEnd'] });
  expect(stdout).toBe('{"exitCode":1,"error":"RangeError: thrown"}\n');
  expect(stderr).toMatch(/^Process SpawnProcess-1:\n[\s\S]*RangeError: thrown\n/);
});

test('it prints all that it has to say, and has the exit code of its last listener', async () => {
  const { stdout } = await nodeChild(program, { args: ['saysMuchAndExitsWith', '7'] });
  expect(stdout).toBe(`${'x'.repeat(1 << 18)}\n{"exitCode":7}\n`);
});

test('it writes what Node writes at the end of a process, even if its target hides that from its own children', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mp-coverage-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await run('hidesCoverage', [], { env: { NODE_V8_COVERAGE: folder } });
  // Of the program and of its child.
  expect(readdirSync(folder)).toHaveLength(2);
});
