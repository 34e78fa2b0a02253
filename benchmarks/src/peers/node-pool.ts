/** A pool of npm, as far as the rows need it. */
export interface NodePool {
  /** Runs a function that the module of tasks exports, on a worker. */
  call(task: string, argument: unknown): PromiseLike<unknown>;
  close(): Promise<void>;
}

export interface NodePoolOptions {
  /** The URL of the module that exports the tasks. */
  readonly module: string;
  readonly workers: number;
  /**
   * How many tasks a worker may have at once, where the pool offers that. Default 1; for many small tasks more is up to
   * twice as quick (measured with 8), for long ones it is not.
   */
  readonly tasksInWorker?: number;
}

/** Opens a pool as somebody would who knows it well. */
export type OpenNodePool = (options: NodePoolOptions) => NodePool;

/** For tasks that are over as soon as they have begun. */
export const FOR_SMALL_TASKS = 8;

/** Opens the pool of that name; only the package that is asked for is loaded. */
export async function openNodePool(name: string, options: NodePoolOptions): Promise<NodePool> {
  switch (name) {
    case 'piscina':
      return (await import('./piscina.ts')).openPiscina(options);
    case 'tinypool-threads':
      return (await import('./tinypool.ts')).openTinypoolThreads(options);
    case 'tinypool-processes':
      return (await import('./tinypool.ts')).openTinypoolProcesses(options);
    case 'workerpool-processes':
      return (await import('./workerpool.ts')).openWorkerpoolProcesses(options);
    default:
      throw new Error(`There is no pool ${name}.`);
  }
}
