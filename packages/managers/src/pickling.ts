import { register } from '@mp/reduction';
import { Link } from './client/link.ts';
import { RemoteReference } from './client/remote-reference.ts';
import type { ReducedProxy } from './protocol.ts';
import { AutoProxy } from './proxies/auto-proxy.ts';
import { BaseProxy, type ProxyClass } from './proxies/base-proxy.ts';
import { ArrayProxy, DictProxy, ListProxy, NamespaceProxy, SetProxy, ValueProxy } from './proxies/collections.ts';
import { IteratorProxyClass } from './proxies/iterator-proxy.ts';
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
import { isReducedProxy } from './reduced-proxy.ts';
import { ourServers } from './server/object-server.ts';

/**
 * How proxies travel: as the description of their server, the number of their object, and a ticket that keeps the object
 * alive until they have arrived. In the server they come home, and have their object itself.
 */
function rebuild(Class: ProxyClass, data: ReducedProxy): BaseProxy {
  if (!isReducedProxy(data)) throw new TypeError('this is no proxy of a managed object');
  const home = ourServers.get(data.server.id);
  if (home !== undefined) return new Class(home.welcomeBack(data));
  return new Class(new RemoteReference(Link.to(data.server), data));
}

const BUILT_IN: readonly ProxyClass[] = [
  ArrayProxy,
  AsyncResultProxy,
  AutoProxy,
  BarrierProxy,
  BoundedSemaphoreProxy,
  ConditionProxy,
  DictProxy,
  EventProxy,
  IteratorProxyClass,
  ListProxy,
  LockProxy,
  NamespaceProxy,
  PoolProxy,
  QueueProxy,
  RLockProxy,
  SemaphoreProxy,
  SetProxy,
  ValueProxy,
];

for (const Class of BUILT_IN) {
  register(Class, {
    name: `@mp/managers.${Class.name}`,
    module: import.meta.url,
    untrusted: true,
    reduce: (proxy) => BaseProxy.reference(proxy).reduce(),
    rebuild: (data: ReducedProxy) => rebuild(Class, data),
  });
}

const registered = new WeakSet<ProxyClass>(BUILT_IN);

/** A proxy class of the user, which travels by where it is exported. */
export function registerProxyType(Class: ProxyClass): void {
  if (registered.has(Class)) return;
  registered.add(Class);
  register(Class, {
    reduce: (proxy) => BaseProxy.reference(proxy).reduce(),
    rebuild: (data: ReducedProxy) => rebuild(Class, data),
  });
}
