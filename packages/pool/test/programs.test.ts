import { checkLeaks, nodeChild, startNode, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { leaks } from './leaks.ts';
import { isRunning } from './process-state.ts';
import { startMethods } from './start-methods.ts';

checkLeaks(leaks);

const program = (name: string): URL => new URL(`./fixtures/programs/${name}.ts`, import.meta.url);

describe.each(startMethods)('a program with a pool, by %s,', (method) => {
  test.each([
    ['that was never used', 'unused', []],
    ['that was used', 'used', ['[ 1, 4, 9 ]']],
    ['that was used by who blocked the thread', 'usedSync', ['[ 1, 4, 9 ]']],
    ['that was closed and not joined', 'closed', ['[ 1, 4, 9 ]']],
    ['that was terminated and not joined', 'terminated', []],
    ['is kept by tasks that nobody awaits', 'outstanding', ['callback 9']],
    ['that is joined', 'joined', ['[ 1, 4, 9 ]', 'joined']],
    ['whose only worker was lost', 'lost', ['WorkerLostError']],
  ])('%s ends when there is nothing more to do', async (_, what, lines) => {
    // A fork takes a turn of the event loop, so no function can wait for it.
    if (method === 'fork' && what === 'usedSync') return;
    const { stdout, stderr, code } = await nodeChild(program('leaving'), { args: [what, method] });
    const [pids = '', ...rest] = stdout.trimEnd().split('\n');
    expect(rest).toEqual([...lines, 'beforeExit']);
    expect([stderr, code]).toEqual(['', 0]);
    expect((JSON.parse(pids) as number[]).filter(isRunning)).toEqual([]);
  });

  test.each([
    ['process.exit', 'exit', 3],
    ['an error that nobody catches', 'throw', 1],
    ['a rejected task that nobody handles', 'reject', 1],
  ])('that ends by %s leaves no worker', async (_, what, exitCode) => {
    const { stdout, code } = await nodeChild(program('leaving'), { args: [what, method] });
    expect(code).toBe(exitCode);
    expect((JSON.parse(stdout.split('\n')[0] as string) as number[]).filter(isRunning)).toEqual([]);
  });

  test.each(['idle', 'waiting', 'spinning', 'stubborn'])('that is killed leaves no worker (%s)', async (what) => {
    const run = startNode(program('killed'), { args: [what, method] });
    const [line] = await run.says(/^\[.*\]$/m);
    const pids = JSON.parse(line) as number[];
    expect(pids.filter(isRunning)).toEqual(pids);
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
