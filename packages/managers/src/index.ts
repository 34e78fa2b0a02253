import './pickling.ts';

export { BaseManager } from './base-manager.ts';
export { ManagerLostError, ManagerStateError, RemoteError } from './errors.ts';
export type { DictInit } from './managed/dict.ts';
export type { ManagedPoolOptions } from './managed/pool.ts';
export type { ManagerClass } from './manager-types.ts';
export type { ManagerOptions, RegisterOptions, Serializer, StartOptions } from './options.ts';
export type { IteratorProxy, Proxied, SyncMethods } from './proxied.ts';
export { AutoProxy } from './proxies/auto-proxy.ts';
export {
  BaseProxy,
  callMethod,
  callMethodSync,
  describe,
  exposedMethods,
  getValue,
  getValueSync,
  type ProxyClass,
  type Valued,
} from './proxies/base-proxy.ts';
export { ArrayProxy, DictProxy, ListProxy, NamespaceProxy, SetProxy, ValueProxy } from './proxies/collections.ts';
export { AsyncResultProxy, PoolProxy, type PoolSyncMethods } from './proxies/pool.ts';
export {
  BarrierProxy,
  BoundedSemaphoreProxy,
  ConditionProxy,
  EventProxy,
  LockProxy,
  QueueProxy,
  RLockProxy,
  SemaphoreProxy,
} from './proxies/synchronizers.ts';
export { within } from './proxies/within.ts';
export { PythonError } from './python/errors.ts';
export { Slice } from './python/slice.ts';
export { currentCall } from './server/call.ts';
export type { Server } from './server/server.ts';
export { SharedMemoryManager } from './shared-memory-manager.ts';
export { Manager, ManagerSync, SyncManager } from './sync-manager.ts';
