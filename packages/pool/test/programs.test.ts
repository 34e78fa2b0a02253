import { checkLeaks, isRunning, nodeChild, startNode, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { startMethods } from './start-methods.ts';

checkLeaks();

const program = (name: string): URL => new URL(`./fixtures/programs/${name}.ts`, import.meta.url);

const isPids = (line: string): boolean => /^\[\d/.test(line);
/** Of its workers, as it has printed them. */
const pidsIn = (stdout: string): number[] => JSON.parse(stdout.split('\n').find(isPids) ?? '[]') as number[];
/** What else it has printed. */
const saidBy = (stdout: string): string[] =>
  stdout
    .trimEnd()
    .split('\n')
    .filter((line) => !isPids(line));

describe.each(startMethods)('a program with a pool, by %s,', (method) => {
  test.each([
    [
      'with pools that were never used, used, closed and not joined, joined, terminated, and one that lost its worker,' +
        ' has all that they have printed, and',
      'all',
      [...Array(3).fill('[ 1, 4, 9 ]'), 'Sync [ 1, 4, 9 ]', 'x'.repeat(1 << 20), 'joined', 'WorkerLostError'],
    ],
    ['with a task that nobody awaits does it first, and', 'outstanding', ['callback 9']],
  ])('%s ends when there is nothing more to do', async (_, how, lines) => {
    const { stdout, stderr, code } = await nodeChild(program('leaving'), { args: [how, method] });
    expect(saidBy(stdout)).toEqual([...lines, 'beforeExit']);
    expect([stderr, code]).toEqual(['', 0]);
    expect(pidsIn(stdout).filter(isRunning)).toEqual([]);
  });

  test.each([
    ['process.exit', 'exit', 3],
    ['an error that nobody catches', 'throw', 1],
    ['a rejected task that nobody handles', 'reject', 1],
  ])('that ends by %s leaves no worker', async (_, how, exitCode) => {
    const { stdout, code } = await nodeChild(program('leaving'), { args: [how, method] });
    expect(code).toBe(exitCode);
    expect(saidBy(stdout)[0]).toBe('[ 1, 4, 9 ]');
    expect(pidsIn(stdout).filter(isRunning)).toEqual([]);
  });

  test('that is killed leaves no worker: none that is idle, that waits, that spins, that heeds no signal', async () => {
    const run = startNode(program('killed'), { args: [method] });
    const [line] = await run.says(/^\[.*\]$/m);
    const pids = JSON.parse(line) as number[];
    expect(pids.filter(isRunning)).toEqual(pids);
    expect(pids).toHaveLength(4);
    run.kill('SIGKILL');
    await run.ended;
    await until(() => !pids.some(isRunning), { what: `${pids} to be gone`, limit: 60_000 });
  });

  test('a process may have a pool of its own, and so may a worker of a pool', async () => {
    const { stdout, stderr, code } = await nodeChild(program('nested'), { args: [method] });
    expect(stdout).toBe('[ 1, 4, 9 ]\n[ 1, 4, 9 ]\n');
    expect([stderr, code]).toEqual(['', 0]);
  });

  /** With fork nothing is imported. */
  test.skipIf(method === 'fork')('without a guard is told of the guard, and starts no more of itself', async () => {
    const { stdout, code } = await nodeChild(program('unguarded'), { args: [method] });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter((line) => line === 'the program begins').length).toBeLessThanOrEqual(3);
    expect(lines.at(-2)).toBe('UnpicklingError because of BootstrappingError');
    expect(lines.at(-1)).toContain('A process was started while this child process was still importing the modules');
    expect(code).toBe(0);
  });
});

test.runIf(startMethods.includes('fork'))(
  'a worker that cannot be forked has no exit code, and the pool that it breaks says why it could not',
  async () => {
    const { stdout, stderr, code } = await nodeChild(program('daemonic'));
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(
        /^BrokenPoolError 5 workers in a row could not be started: ProcessStateError: .* is daemonic/,
      ),
      'ProcessStateError',
      'undefined',
      '',
    ]);
    expect([stderr, code]).toEqual(['', 0]);
  },
);
