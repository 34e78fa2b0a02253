import { Pipe } from '@mp/connection';
import { Context, checkStartMethod, defaultContext, getExecutable, type StartMethod, setExecutable } from '@mp/context';
import { Manager, type ManagerOptions, type SyncManager } from '@mp/managers';
import { Pool, type PoolOptions } from '@mp/pool';
import {
  activeChildren,
  currentProcess,
  ForkProcess,
  ForkServerProcess,
  type Process,
  parentProcess,
  SpawnProcess,
} from '@mp/process';
import { JoinableQueue, Queue, SimpleQueue } from '@mp/queues';
import { registerLocal } from '@mp/reduction';
import { RawArray, RawValue, SharedArray, Value } from '@mp/sharedctypes';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } from '@mp/synchronize';
import { cpuCount } from './cpu-count.ts';

const PROCESS_CLASSES: Readonly<Record<StartMethod, typeof Process>> = {
  spawn: SpawnProcess,
  fork: ForkProcess,
  forkserver: ForkServerProcess,
};

/**
 * Everything of this package, made for one start method: `getContext('spawn')` returns one of these.
 *
 * Several of them may be used in one program. What one has made may be given to the processes of another: only processes
 * and pools differ between contexts; pipes, queues, locks and shared memory are the same in all of them.
 *
 * Python: the object of `multiprocessing.get_context`.
 *
 * @example
 * ```ts
 * const context = getContext('spawn');
 * const [ours, theirs] = context.Pipe();
 * const process = new context.Process({ target: work, args: [theirs] });
 * ```
 */
export class MultiprocessingContext extends Context {
  /** The class of processes that are started by the method of this context. */
  readonly Process: typeof Process;
  /** The class of pools whose workers are started by the method of this context. */
  readonly Pool: typeof Pool;
  readonly Pipe: typeof Pipe = Pipe;
  readonly Queue: typeof Queue = Queue;
  readonly SimpleQueue: typeof SimpleQueue = SimpleQueue;
  readonly JoinableQueue: typeof JoinableQueue = JoinableQueue;
  readonly Lock: typeof Lock = Lock;
  readonly RLock: typeof RLock = RLock;
  readonly Semaphore: typeof Semaphore = Semaphore;
  readonly BoundedSemaphore: typeof BoundedSemaphore = BoundedSemaphore;
  readonly Condition: typeof Condition = Condition;
  readonly Event: typeof Event = Event;
  readonly Barrier: typeof Barrier = Barrier;
  readonly Value: typeof Value = Value;
  readonly Array: typeof SharedArray = SharedArray;
  readonly SharedArray: typeof SharedArray = SharedArray;
  readonly RawValue: typeof RawValue = RawValue;
  readonly RawArray: typeof RawArray = RawArray;
  readonly currentProcess: typeof currentProcess = currentProcess;
  readonly parentProcess: typeof parentProcess = parentProcess;
  readonly activeChildren: typeof activeChildren = activeChildren;
  readonly cpuCount: typeof cpuCount = cpuCount;
  readonly setExecutable: typeof setExecutable = setExecutable;
  readonly getExecutable: typeof getExecutable = getExecutable;

  /** @internal */
  constructor(method: StartMethod) {
    super(method);
    this.Process = PROCESS_CLASSES[method];
    this.Pool = poolOf(this);
  }

  /** A running SyncManager whose server process is started by the method of this context. */
  Manager(options: ManagerOptions = {}): Promise<SyncManager> {
    return Manager({ context: this, ...options });
  }

  /** The context of another start method; without one, this context itself. */
  getContext(method?: StartMethod): MultiprocessingContext {
    return method === undefined ? this : getContext(method);
  }
}

registerLocal(
  MultiprocessingContext,
  'is there in every process. Pass its start method, and call getContext(method) there',
);

function poolOf(context: Context): typeof Pool {
  return class ContextPool extends Pool {
    constructor(options: PoolOptions | number = {}) {
      super({ context, ...(typeof options === 'number' ? { processes: options } : options) });
    }
  };
}

const contexts = new Map<StartMethod, MultiprocessingContext>();

/**
 * Everything of this package, made for one start method.
 *
 * @param method - default: that of the default context, which is settled by asking
 * @throws StartMethodError if there is no such method here
 *
 * @example
 * ```ts
 * const { Pool, Process, Queue } = getContext('fork');
 * ```
 */
export function getContext(method?: StartMethod): MultiprocessingContext {
  const wanted = method === undefined ? defaultContext.getStartMethod() : checkStartMethod(method);
  let context = contexts.get(wanted);
  if (context === undefined) {
    context = new MultiprocessingContext(wanted);
    contexts.set(wanted, context);
  }
  return context;
}
