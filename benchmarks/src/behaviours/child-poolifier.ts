/** What a worker of poolifier runs: calls the function of tasks.ts that it is asked for. */
import { pathToFileURL } from 'node:url';

interface Call {
  readonly task: string;
  readonly argument: unknown;
}

const entry = pathToFileURL(`${process.env.MP_PEERS}/node_modules/poolifier/lib/index.mjs`).href;
const { ThreadWorker } = (await import(entry)) as { ThreadWorker: new (run: (call: Call) => unknown) => unknown };

const tasks = (await import('./tasks.ts')) as unknown as Record<string, (argument: unknown) => unknown>;

// It registers itself with its thread. Async: it does not await what another function returns.
new ThreadWorker(async ({ task, argument }) => tasks[task]?.(argument));
