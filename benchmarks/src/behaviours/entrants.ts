import { pathToFileURL } from 'node:url';

/** A pool of two workers, as somebody would set it up who knows it. */
export interface Entrant {
  /** Runs a function of tasks.ts in a worker. */
  run(task: string, argument?: unknown): PromiseLike<unknown>;
  /** Its workers are threads of this process. */
  readonly threads: boolean;
}

const TASKS = new URL('./tasks.ts', import.meta.url);

type Open = (peers: string) => Promise<Entrant>;

/** Imports a package that is not one of ours to install: from the folder of peers, if there is one. */
const fromPeers = async (name: string, entry: string, peers: string): Promise<Record<string, never>> =>
  (await import(pathToFileURL(`${peers}/node_modules/${name}/${entry}`).href)) as Record<string, never>;

async function ours(threads: boolean): Promise<Entrant> {
  const { Pool, ThreadPool } = await import('@mp/pool');
  const tasks = (await import('./tasks.ts')) as unknown as Record<string, (argument: unknown) => unknown>;
  const pool = threads ? new ThreadPool(2) : new Pool(2);
  return { run: (task, argument) => pool.apply(tasks[task] as (argument: unknown) => unknown, [argument]), threads };
}

async function tinypool(runtime: 'worker_threads' | 'child_process'): Promise<Entrant> {
  const { Tinypool } = await import('tinypool');
  const pool = new Tinypool({
    filename: TASKS.href,
    minThreads: 2,
    maxThreads: 2,
    runtime,
    ...(runtime === 'child_process' && { serialization: 'advanced' }),
  });
  return { run: (name, argument) => pool.run(argument, { name }), threads: runtime === 'worker_threads' };
}

/** By name; each opens its pool. */
export const entrants: Readonly<Record<string, Open>> = {
  '@mp/pool': () => ours(false),
  ThreadPool: () => ours(true),
  piscina: async () => {
    const { Piscina } = await import('piscina');
    const pool = new Piscina({ filename: TASKS.href, minThreads: 2, maxThreads: 2 });
    return { run: (name, argument) => pool.run(argument, { name }), threads: true };
  },
  'tinypool threads': () => tinypool('worker_threads'),
  'tinypool processes': () => tinypool('child_process'),
  'workerpool processes': async () => {
    const { default: workerpool } = await import('workerpool');
    const worker = new URL('../peers/child-workerpool.ts', import.meta.url);
    const pool = workerpool.pool(worker.pathname, {
      workerType: 'process',
      minWorkers: 2,
      maxWorkers: 2,
      forkArgs: [TASKS.href],
      forkOpts: { serialization: 'advanced' },
    });
    return { run: (name, argument) => pool.exec(name, [argument]), threads: false };
  },
  'poolifier threads': async (peers) => {
    const { FixedThreadPool } = await fromPeers('poolifier', 'lib/index.mjs', peers);
    const PoolClass = FixedThreadPool as unknown as new (size: number, file: string) => PoolifierPool;
    const pool = new PoolClass(2, new URL('./child-poolifier.ts', import.meta.url).pathname);
    return { run: (task, argument) => pool.execute({ task, argument }), threads: true };
  },
  'jest-worker': async (peers) => {
    const { Worker } = await fromPeers('jest-worker', 'build/index.mjs', peers);
    const WorkerClass = Worker as unknown as new (file: URL, options: object) => Record<string, Call>;
    const pool = new WorkerClass(TASKS, {
      numWorkers: 2,
      exposedMethods: ['echo', 'whoami', 'exit', 'kill', 'returnFunction', 'failOrder', 'spin', 'pause'],
      forkOptions: { serialization: 'advanced' },
    });
    return { run: (task, argument) => (pool[task] as Call)(argument), threads: false };
  },
};

type Call = (argument: unknown) => Promise<unknown>;

interface PoolifierPool {
  execute(data: { task: string; argument: unknown }): Promise<unknown>;
}
