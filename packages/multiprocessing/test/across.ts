import { checkLeaks } from '@mp/testing';
import { beforeEach, onTestFinished } from 'vitest';
import * as mp from '../src/index.ts';
import { type Arrivals, arrive, getStuck } from './fixtures/arrivals.ts';
import { double } from './fixtures/targets.ts';

export const startMethods: readonly mp.StartMethod[] = mp.getAllStartMethods();

/** `checkLeaks` for tests of shared objects in processes of every start method. */
export async function checkSharedLeaks(): Promise<void> {
  // What stays until the test file ends, and is made when it is first needed, is no leak of a test.
  new mp.Lock();
  if (startMethods.includes('forkserver')) {
    const child = new mp.ForkServerProcess({ target: double, args: [1] });
    await child.start();
    await child.join();
    child.close();
  }
  checkLeaks({ allow: [{ leak: /mp-arena/, because: 'one empty arena is kept for the next block' }] });
  // Looks by itself only now and then which messages have arrived.
  beforeEach(() => onTestFinished(() => void globalThis.gc?.()));
}

async function running<Params extends never[]>(
  method: mp.StartMethod,
  target: (...args: Params) => unknown,
  args: Params,
): Promise<mp.Process> {
  const child = new (mp.getContext(method).Process)({ target, args }) as unknown as mp.Process;
  await child.start();
  onTestFinished(async () => {
    child.kill();
    await child.join();
    child.close();
  });
  return child;
}

/** Runs `work` in another process, to which `thing` comes by all ways. Resolves once that runs. */
export async function inProcess<T, R>(
  method: mp.StartMethod,
  work: (arrivals: Arrivals<T>) => R,
  thing: T,
): Promise<{ readonly result: Promise<Awaited<R>>; readonly child: mp.Process }> {
  const [ours, theirs] = mp.Pipe<never>();
  const queue = new mp.Queue<T>();
  onTestFinished(() => {
    ours.close();
    queue.close();
  });
  const child = await running(method, arrive as never, [work, thing, theirs, queue] as never[]);
  theirs.close();
  await ours.send(thing as never);
  await queue.put(thing);
  return { result: ours.recv(), child };
}

/** A process that has got stuck with the thing, as `stick` has it. */
export async function stuckProcess<T>(
  method: mp.StartMethod,
  stick: (thing: T, stuck: () => Promise<void>) => unknown,
  thing: T,
): Promise<{ kill(): Promise<void>; readonly pid: number }> {
  const [ours, theirs] = mp.Pipe<never>();
  onTestFinished(() => ours.close());
  const child = await running(method, getStuck as never, [stick, thing, theirs] as never[]);
  theirs.close();
  await ours.recv();
  return {
    pid: child.pid as number,
    kill: async () => {
      child.kill();
      await child.join();
    },
  };
}

/** A pool for one test. */
export function testPool(method: mp.StartMethod, processes: number): mp.Pool {
  const pool = new (mp.getContext(method).Pool)(processes);
  onTestFinished(async () => {
    pool.terminate();
    await pool.join();
  });
  return pool;
}
