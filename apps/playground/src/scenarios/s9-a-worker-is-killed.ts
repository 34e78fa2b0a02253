/**
 * A worker is killed in the middle of a task: that task fails, with a notice of the loss; everything else is answered, and
 * another worker takes its place.
 *
 * From: 003 (the worker handler of a pool)
 * Look at: the notice says who died, of what, and what it was doing. The pool is as large as before, with one worker
 *   that is new.
 * Differs: Python replaces the worker too, but the result of its task never comes, and whoever waits for it waits for ever.
 *
 * Prints:
 *     workers: PoolWorker-1 PoolWorker-2
 *     victim: PoolWorker-<integer:victim 1..2>, process <pid:victim>
 *     WorkerLostError: PoolWorker-<integer:victim> (pid <pid:victim>) was killed by SIGKILL while it ran neverReturn().
 *     0 1 4 9 16 25 36 49 64 81
 *     workers: PoolWorker-<integer:survivor 1..2> PoolWorker-3
 *     0 1 8 27 64 125 216 343 512 729
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  activeChildren,
  type Connection,
  currentProcess,
  isMainModule,
  Pipe,
  Pool,
  WorkerLostError,
} from '@mp/multiprocessing';

export const square = (x: number): number => x ** 2;
export const cube = (x: number): number => x ** 3;

interface Victim {
  readonly name: string;
  readonly pid: number;
}

export async function neverReturn(report: Connection<never, Victim>): Promise<void> {
  await report.send({ name: currentProcess().name, pid: process.pid });
  await sleep(1_000_000);
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

const workers = (): string =>
  activeChildren()
    .map(({ name }) => name)
    .sort()
    .join(' ');

if (isMainModule(import.meta)) {
  const pool = new Pool(2);
  console.log(`workers: ${workers()}`);

  const [reports, report] = Pipe<Victim, never>({ duplex: false });
  const lost = pool.applyAsync(neverReturn, [report]);
  const squares = pool.mapAsync(square, range(10), { chunkSize: 1 });
  const victim = await reports.recv();
  console.log(`victim: ${victim.name}, process ${victim.pid}`);
  process.kill(victim.pid, 'SIGKILL');

  try {
    await lost;
  } catch (error) {
    if (!(error instanceof WorkerLostError)) throw error;
    console.log(`${error}`);
  }
  console.log(...(await squares));
  console.log(`workers: ${workers()}`);
  console.log(...(await pool.map(cube, range(10))));

  pool.close();
  await pool.join();
}
