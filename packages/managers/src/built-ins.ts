import { ManagedBarrier } from './managed/barrier.ts';
import { ManagedCondition } from './managed/condition.ts';
import { ManagedDict } from './managed/dict.ts';
import { ManagedEvent } from './managed/event.ts';
import { ManagedList } from './managed/list.ts';
import { ManagedLock } from './managed/lock.ts';
import { ManagedNamespace } from './managed/namespace.ts';
import { ManagedPool } from './managed/pool.ts';
import { ManagedQueue } from './managed/queue.ts';
import { ManagedRLock } from './managed/rlock.ts';
import { SegmentKeeper } from './managed/segment-keeper.ts';
import { ManagedBoundedSemaphore, ManagedSemaphore } from './managed/semaphore.ts';
import { ManagedSet } from './managed/set.ts';
import { ManagedArray, ManagedValue } from './managed/value.ts';
import type { ProxyClass } from './proxies/base-proxy.ts';
import { ArrayProxy, DictProxy, ListProxy, NamespaceProxy, SetProxy, ValueProxy } from './proxies/collections.ts';
import { AsyncResultProxy, PoolProxy } from './proxies/pool.ts';
import {
  BarrierProxy,
  BoundedSemaphoreProxy,
  ConditionProxy,
  EventProxy,
  LockProxy,
  QueueProxy,
  RLockProxy,
  SemaphoreProxy,
} from './proxies/synchronizers.ts';
import type { AnyConstructor, AnyFunction, Registry, TypeEntry } from './registry.ts';

const entry = (create: AnyConstructor | AnyFunction | undefined, proxyType: ProxyClass | undefined): TypeEntry => ({
  create,
  proxyType,
  exposed: undefined,
  methodToTypeid: {},
});

/** The types of the library. They travel by their names. */
export const BUILT_INS: Registry = new Map([
  ['Array', entry(ManagedArray, ArrayProxy)],
  ['AsyncResult', entry(undefined, AsyncResultProxy)],
  ['Barrier', entry(ManagedBarrier, BarrierProxy)],
  ['BoundedSemaphore', entry(ManagedBoundedSemaphore, BoundedSemaphoreProxy)],
  ['Condition', entry(ManagedCondition, ConditionProxy)],
  ['Event', entry(ManagedEvent, EventProxy)],
  ['JoinableQueue', entry(ManagedQueue, QueueProxy)],
  ['Lock', entry(ManagedLock, LockProxy)],
  ['Namespace', entry(ManagedNamespace, NamespaceProxy)],
  ['Pool', entry(ManagedPool.create, PoolProxy)],
  ['Queue', entry(ManagedQueue, QueueProxy)],
  ['RLock', entry(ManagedRLock, RLockProxy)],
  ['SharedMemory', entry(SegmentKeeper, undefined)],
  ['Semaphore', entry(ManagedSemaphore, SemaphoreProxy)],
  ['Value', entry(ManagedValue, ValueProxy)],
  ['dict', entry(ManagedDict, DictProxy)],
  ['list', entry(ManagedList, ListProxy)],
  ['set', entry(ManagedSet, SetProxy)],
]);
