// @module-tag every-node
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';

checkLeaks();

const program = new URL('./fixtures/programs/plain.ts', import.meta.url);

/** What the child printed, line by line, and then how it ended. */
async function run(target: string, args: readonly unknown[] = [], env: NodeJS.ProcessEnv = {}): Promise<unknown[]> {
  const words = [target, ...args.map((arg) => JSON.stringify(arg))];
  const { stdout } = await nodeChild(program, { args: words, env: { ...process.env, ...env } });
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
  ['neverEnds', expect.stringMatching(/SpawnProcess-1 ended too early: the promise of its target is not settled/)],
  ['another', expect.stringMatching(/here that is something else/)],
])('%s is reported to its parent', async (target, error) => {
  expect(await run(target)).toEqual([{ exitCode: 1, error }]);
});

test('it prints all that it has to say, and has the exit code of its last listener', async () => {
  const { stdout } = await nodeChild(program, { args: ['saysMuchAndExitsWith', '7'] });
  expect(stdout).toBe(`${'x'.repeat(1 << 18)}\n{"exitCode":7}\n`);
});

test('it writes what Node writes at the end of a process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mp-coverage-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await run('facts', [], { NODE_V8_COVERAGE: folder });
  // Of the program and of its child.
  expect(readdirSync(folder)).toHaveLength(2);
});
