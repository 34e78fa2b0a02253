import { TimeoutError } from '@mp/errors';
import { Deadline, type WaitOptions } from '@mp/native';
import { QueueShutDownError } from '@mp/queues';
import { ManagedBarrier } from '../managed/barrier.ts';
import { ManagedCondition } from '../managed/condition.ts';
import { ManagedEvent } from '../managed/event.ts';
import { ManagedLock } from '../managed/lock.ts';
import { ManagedQueue } from '../managed/queue.ts';
import { ManagedRLock } from '../managed/rlock.ts';
import { ManagedBoundedSemaphore, ManagedSemaphore } from '../managed/semaphore.ts';
import type { Proxied } from '../proxied.ts';
import { type BaseProxy, callMethod, callMethodSync, type ProxyClass } from './base-proxy.ts';
import { builtIn } from './built-in.ts';
import { SyncView } from './methods.ts';

type SyncWaitOptions = Pick<WaitOptions, 'timeout'>;

/** What everything has that can be acquired. */
interface Lockable {
  /**
   * Runs a function with it acquired, and releases it however that ends.
   *
   * @throws TimeoutError if it could not be acquired in time: the function was not called
   */
  withLock<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T>;
  readonly sync: { withLock<T>(fn: () => T, options?: SyncWaitOptions): T };
}

const late = (options: WaitOptions | undefined): TimeoutError =>
  new TimeoutError(`withLock: it could not be acquired within ${options?.timeout} ms. Nothing was done.`, {
    timeout: options?.timeout ?? 0,
  });

const optional = (options: WaitOptions | undefined): readonly unknown[] => (options === undefined ? [] : [options]);

const lockable = {
  proxy: {
    async withLock(this: BaseProxy, fn: () => unknown, options?: WaitOptions): Promise<unknown> {
      if ((await callMethod(this, 'acquire', optional(options))) !== true) throw late(options);
      try {
        return await fn();
      } finally {
        await callMethod(this, 'release');
      }
    },
  },
  sync: {
    withLock(this: SyncView, fn: () => unknown, options?: SyncWaitOptions): unknown {
      const proxy = SyncView.proxyOf(this);
      if (callMethodSync(proxy, 'acquire', optional(options)) !== true) throw late(options);
      try {
        return fn();
      } finally {
        callMethodSync(proxy, 'release');
      }
    },
  },
};

/** A proxy of a {@link ManagedLock}. */
export type LockProxy = Proxied<ManagedLock> & Lockable;
export const LockProxy: ProxyClass = builtIn('LockProxy', ManagedLock, lockable);

/** A proxy of a {@link ManagedRLock}. */
export type RLockProxy = Proxied<ManagedRLock> & Lockable;
export const RLockProxy: ProxyClass = builtIn('RLockProxy', ManagedRLock, lockable);

/** A proxy of a {@link ManagedSemaphore}. */
export type SemaphoreProxy = Proxied<ManagedSemaphore> & Lockable;
export const SemaphoreProxy: ProxyClass = builtIn('SemaphoreProxy', ManagedSemaphore, lockable);

/** A proxy of a {@link ManagedBoundedSemaphore}. */
export type BoundedSemaphoreProxy = Proxied<ManagedBoundedSemaphore> & Lockable;
export const BoundedSemaphoreProxy: ProxyClass = builtIn('BoundedSemaphoreProxy', ManagedBoundedSemaphore, lockable);

/** A proxy of a {@link ManagedCondition}. */
export type ConditionProxy = Proxied<ManagedCondition> &
  Lockable & {
    /**
     * Waits, with the lock held, until the predicate, which is called here, returns something truthy. What that is.
     *
     * @throws TimeoutError when the time is over
     */
    waitFor<T>(predicate: () => T | PromiseLike<T>, options?: WaitOptions): Promise<Awaited<T>>;
    readonly sync: { waitFor<T>(predicate: () => T, options?: SyncWaitOptions): T };
  };
export const ConditionProxy: ProxyClass = builtIn('ConditionProxy', ManagedCondition, {
  proxy: {
    ...lockable.proxy,
    async waitFor(this: BaseProxy, predicate: () => unknown, options?: WaitOptions): Promise<unknown> {
      const deadline = Deadline.after(options?.timeout);
      for (;;) {
        const value = await predicate();
        if (value) return value;
        const wait = { timeout: deadline.remaining(), signal: options?.signal };
        if ((await callMethod(this, 'wait', [wait])) !== true && deadline.expired)
          return inTime(await predicate(), options);
      }
    },
  },
  sync: {
    ...lockable.sync,
    waitFor(this: SyncView, predicate: () => unknown, options?: SyncWaitOptions): unknown {
      const deadline = Deadline.after(options?.timeout);
      for (;;) {
        const value = predicate();
        if (value) return value;
        const wait = { timeout: deadline.remaining() };
        if (callMethodSync(SyncView.proxyOf(this), 'wait', [wait]) !== true && deadline.expired)
          return inTime(predicate(), options);
      }
    },
  },
});

function inTime(value: unknown, options: WaitOptions | undefined): unknown {
  if (value) return value;
  const timeout = options?.timeout ?? 0;
  throw new TimeoutError(`waitFor: the predicate did not become true within ${timeout} ms.`, { timeout });
}

/** A proxy of a {@link ManagedEvent}. */
export type EventProxy = Proxied<ManagedEvent>;
export const EventProxy: ProxyClass = builtIn('EventProxy', ManagedEvent);

/** A proxy of a {@link ManagedBarrier}. */
export type BarrierProxy = Proxied<ManagedBarrier>;
export const BarrierProxy: ProxyClass = builtIn('BarrierProxy', ManagedBarrier);

/** A proxy of a {@link ManagedQueue}. Iterating over it gets items until the queue is shut down and empty. */
export type QueueProxy<T = unknown> = Proxied<ManagedQueue<T>> & AsyncIterable<T> & { readonly sync: Iterable<T> };
export const QueueProxy: ProxyClass = builtIn('QueueProxy', ManagedQueue, {
  proxy: {
    async *[Symbol.asyncIterator](this: BaseProxy): AsyncGenerator<unknown> {
      try {
        for (;;) yield await callMethod(this, 'get');
      } catch (error) {
        if (!(error instanceof QueueShutDownError)) throw error;
      }
    },
  },
  sync: {
    *[Symbol.iterator](this: SyncView): Generator<unknown> {
      try {
        for (;;) yield callMethodSync(SyncView.proxyOf(this), 'get');
      } catch (error) {
        if (!(error instanceof QueueShutDownError)) throw error;
      }
    },
  },
});
