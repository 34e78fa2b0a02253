import { inspect, types } from 'node:util';
import type { Entrant } from './entrants.ts';

/** One hostile case: what is done to a pool in a program of its own, and what is best. */
export interface Row {
  readonly name: string;
  /** What the best pool does; the outcome has to begin with it. */
  readonly best: string;
  /** Says what the pool did. Not called where the case is meant for the program as a whole. */
  attempt?(pool: Entrant): Promise<string>;
  /** The program is killed while its workers are idle or busy, or is left alone; who watches it says what happened. */
  readonly watch?: 'left open' | 'killed while idle' | 'killed while busy';
}

/** How long a promise may take before it counts as never settled, in milliseconds. */
const NEVER_MS = 5000;

async function outcome(promise: PromiseLike<unknown>): Promise<{ ended: string; value: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const never = new Promise<{ ended: string; value: unknown }>((resolve) => {
    timer = setTimeout(() => resolve({ ended: 'never settles', value: undefined }), NEVER_MS);
  });
  const settled = Promise.resolve(promise).then(
    (value) => ({ ended: 'resolves', value }),
    (value: unknown) => ({ ended: 'rejects', value }),
  );
  try {
    return await Promise.race([settled, never]);
  } finally {
    clearTimeout(timer);
  }
}

/** «rejects», and whether the error says what happened; or what else it did. */
async function crash(pool: Entrant, task: string, tells: RegExp): Promise<string> {
  await pool.run('echo', 1);
  const { ended, value } = await outcome(pool.run(task));
  if (ended !== 'rejects') return ended;
  if (!types.isNativeError(value)) return 'rejects with what is no Error';
  return tells.test(inspect(value, { depth: 0 })) ? 'rejects, says how' : 'rejects, does not say how';
}

async function whatIsAnError(value: unknown): Promise<string> {
  if (!(value instanceof Error)) return 'rejects with what is no Error';
  const { OrderError } = await import('./tasks.ts');
  const fields = value as Partial<InstanceType<typeof OrderError>>;
  const kept = [
    value instanceof OrderError && 'class',
    value.name === 'OrderError' && 'name',
    fields.code === 'ERR_ORDER' && 'code',
    fields.order?.id === 7 && 'fields',
  ].filter((name) => name !== false);
  return kept.length === 0 ? 'keeps the message' : `keeps ${kept.join(', ')}`;
}

export const rows: readonly Row[] = [
  {
    name: 'worker exits in a task',
    best: 'rejects, says how',
    attempt: (pool) => crash(pool, 'exit', /\b7\b/),
  },
  {
    name: 'worker is killed in a task',
    best: 'rejects, says how',
    attempt: async (pool) => (pool.threads ? 'threads: n/a' : crash(pool, 'kill', /SIGKILL/)),
  },
  {
    name: 'then has two workers again',
    best: 'yes',
    attempt: async (pool) => {
      await outcome(pool.run('exit'));
      const both = await outcome(Promise.all([pool.run('pause', 500), pool.run('pause', 500)]));
      if (both.ended !== 'resolves') return both.ended;
      const [a, b] = (both.value as { pid: number; threadId: number }[]).map((who) => `${who.pid}/${who.threadId}`);
      return a === b ? 'no, one' : 'yes';
    },
  },
  {
    name: 'two bad arguments, then a good one',
    best: 'both reject, then resolves',
    attempt: async (pool) => {
      const call = (argument: unknown): Promise<unknown> => (async () => pool.run('echo', argument))();
      const bad = await Promise.all([outcome(call(() => 1)), outcome(call(() => 1))]);
      const good = await outcome(call(5));
      const first = bad.every(({ ended }) => ended === 'rejects') ? 'both reject' : (bad[0]?.ended ?? '');
      return `${first}, then ${good.ended}`;
    },
  },
  {
    name: 'result that cannot travel',
    best: 'rejects with an Error',
    attempt: async (pool) => {
      const { ended, value } = await outcome(pool.run('returnFunction'));
      if (ended !== 'rejects') return ended === 'resolves' ? `resolves to ${inspect(value, { depth: 0 })}` : ended;
      return types.isNativeError(value) ? 'rejects with an Error' : 'rejects with what is no Error';
    },
  },
  {
    name: 'custom error',
    best: 'keeps class, name, code, fields',
    attempt: async (pool) => {
      const { ended, value } = await outcome(pool.run('failOrder'));
      return ended === 'rejects' ? whatIsAnError(value) : ended;
    },
  },
  { name: 'left open and idle', best: 'ends by itself', watch: 'left open' },
  { name: 'parent killed, workers idle', best: 'workers gone', watch: 'killed while idle' },
  { name: 'parent killed, workers busy', best: 'workers gone', watch: 'killed while busy' },
];
