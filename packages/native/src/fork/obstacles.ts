/**
 * Why this process cannot be forked, as far as JavaScript can tell. What it takes natively: addon/fork_platform.c.
 *
 * @module
 */
import { addon } from '../addon.ts';
import { findTimers } from './timers.ts';

/** Options of Node that start threads which never rest, or write files that both processes would write. */
const OPTIONS: RegExp = /(?:^|\s)(--(?:prof|cpu-prof|inspect(?!-port|-publish)|trace-event|perf-)[\w-]*)/;

/** Worker threads that were started after this module was loaded, and have not ended. */
let workers = 0;

process.on('worker', (worker) => {
  workers++;
  worker.once('exit', () => {
    workers--;
  });
});

let lasting: string | null | undefined;

/** What will not change. */
function lastingObstacle(): string | undefined {
  if (process.platform !== 'linux') return `fork(2) of Node is possible on Linux only, and this is ${process.platform}`;
  const refusal = addon().forkRefusal();
  if (refusal !== undefined) return refusal;
  if (!findTimers()) return 'the timers of this Node cannot be found, and would run in the child as well';
  const option = OPTIONS.exec([...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' '))?.[1];
  if (option !== undefined) return `Node was started with ${option}, which has a thread that never rests`;
  return undefined;
}

/** In one sentence without a full stop; undefined: none that can be seen beforehand. */
export function findObstacle(): string | undefined {
  if (!process.getBuiltinModule('node:worker_threads').isMainThread) {
    return 'this is a worker thread, and only the main thread can be copied';
  }
  lasting ??= lastingObstacle() ?? null;
  if (lasting !== null) return lasting;
  if (workers > 0)
    return `${workers} worker ${workers === 1 ? 'thread lives' : 'threads live'}, which a child would not have`;
  if (process.features.inspector && process.getBuiltinModule('node:inspector').url() !== undefined) {
    return 'the inspector is listening, and its thread is not copied';
  }
  return undefined;
}
