import { ThreadPool, WorkerLostError } from '@mp/pool';
import { checkLeaks, nodeChild, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import * as endings from './fixtures/endings.ts';
import * as steps from './fixtures/steps.ts';
import { square, whoami } from './fixtures/sums.ts';
import { allThere } from './kinds.ts';
import { running } from './running.ts';
import { contentOf, scratchFile } from './scratch.ts';

checkLeaks();

const numbers = Array.from({ length: 40 }, (_, i) => i);
const squares = numbers.map(square);

describe('a thread', () => {
  test.each([
    ['exits with 7', (pool: ThreadPool) => pool.apply(endings.exits, [7]), 7, 'exits()'],
    ['exits with 0', (pool: ThreadPool) => pool.apply(endings.exitsLater, [0]), 0, 'exitsLater()'],
  ])('that %s loses its own task, is replaced, and the others are answered', async (_, attempt, exitCode, task) => {
    const pool = running('threads', 2) as ThreadPool;
    const before = pool.workers;
    const others = pool.map(square, numbers, { chunkSize: 1 });
    const error = (await attempt(pool).catch((error: unknown) => error)) as WorkerLostError;
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error).toMatchObject({ exitCode, signal: null, task, pid: process.pid });
    expect(before).toContainEqual({ name: error.worker, pid: process.pid });
    expect(await others).toEqual(squares);
    await allThere(pool);
    expect(pool.workers.map(({ name }) => name)).not.toContain(error.worker);
  });

  test('that throws where nobody catches it ends with that error', async () => {
    const pool = running('threads', 1);
    const error = (await pool.apply(endings.throwsElsewhere).catch((error: unknown) => error)) as WorkerLostError;
    expect(error).toMatchObject({ name: 'WorkerLostError', exitCode: 1 });
    expect(error.cause).toMatchObject({ name: 'RangeError', message: 'from a timer' });
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test('that is lost is noticed by who blocks the thread', () => {
    const pool = running('threads', 2);
    for (let i = 0; i < 2; i++) {
      expect(() => pool.applySync(endings.exits, [7])).toThrow(WorkerLostError);
      expect(pool.mapSync(square, numbers)).toEqual(squares);
    }
    expect(pool.workers).toHaveLength(2);
  });

  test('that never lets go is ended by terminate', async () => {
    const pool = new ThreadPool(1);
    const file = scratchFile();
    const result = pool.applyAsync(steps.spin, [file]);
    await until(() => contentOf(file) === '.');
    pool.terminate();
    await pool.join();
    await expect(result).rejects.toMatchObject({ code: 'ERR_MP_POOL_TERMINATED' });
    expect(pool.workers).toEqual([]);
  });

  test('is a thread of this process, and not the one that we are in', async () => {
    const pool = running('threads', 1);
    const [pid, thread] = (await pool.apply(whoami)).split('/');
    expect(Number(pid)).toBe(process.pid);
    expect(Number(thread)).toBeGreaterThan(0);
  });
});

test.each([
  ['a ThreadPool in a worker of a ThreadPool', 'threads', 'threads'],
  ['a ThreadPool in a worker of a Pool', 'spawn', 'threads'],
  ['a Pool in a worker of a ThreadPool', 'threads', 'spawn'],
  ['a Pool in a worker of a Pool', 'spawn', 'spawn'],
] as const)('%s works', async (_, outer, inner) => {
  const pool = running(outer, 1);
  expect(await pool.apply(steps.mapInPool, [inner, [1, 2, 3]])).toEqual([1, 4, 9]);
  // What a thread leaves open stays open, so a task in a thread has to close its pool; one in a process need not.
  if (outer === 'threads') return;
  const sum = inner === 'threads' ? steps.sumInThreads : steps.sumInProcesses;
  expect(await pool.map(sum, [[1, 2], [3]], { chunkSize: 1 })).toEqual([5, 9]);
});

test('a script without a guard is told of the guard by a thread that imports it', async () => {
  const { stdout, code } = await nodeChild(new URL('./fixtures/programs/unguarded-threads.ts', import.meta.url));
  expect(stdout.split('\n').slice(0, 2)).toEqual(['UnpicklingError because of BootstrappingError', '']);
  expect(code).toBe(0);
});

test.each(['unused', 'used', 'outstanding', 'terminated'])(
  'a program with an idle pool of threads ends by itself (%s)',
  async (what) => {
    const { stdout, stderr, code } = await nodeChild(new URL('./fixtures/programs/threads.ts', import.meta.url), {
      args: [what],
    });
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toBe({ unused: '', used: '[ 1, 4, 9 ]\n', outstanding: 'callback 9\n', terminated: '' }[what]);
  },
);

test('without descriptors for its threads a pool is refused, leaves none behind, and does not keep the program', async () => {
  const { stdout, code } = await nodeChild({
    code: `
      import { execFileSync } from 'node:child_process';
      import { closeSync, openSync, readdirSync } from 'node:fs';
      import { ThreadPool } from '@mp/pool';
      execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=100:100']);
      const count = () => readdirSync('/proc/self/fd').length;
      const first = new ThreadPool(1);
      first.terminate();
      await first.join();
      const before = count();
      const taken = [];
      try {
        for (;;) taken.push(openSync('/dev/null', 'r'));
      } catch {}
      // Enough for the pipe, and for one of the copies that the thread gets.
      for (let i = 0; i < 10; i++) closeSync(taken.pop());
      try {
        new ThreadPool(1);
      } catch (error) {
        console.log(error.code);
      }
      for (const descriptor of taken) closeSync(descriptor);
      console.log(count() - before);
    `,
  });
  expect([stdout, code]).toEqual(['EMFILE\n0\n', 0]);
});
