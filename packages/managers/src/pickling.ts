import { type ReduceContext, register, registerAs } from '@mp/reduction';
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
function reduce(proxy: BaseProxy, context: ReduceContext): ReducedProxy {
  const reference = BaseProxy.reference(proxy);
  const reduced = reference.reduce();
  context.ifNotSent(() => reference.takeBack(reduced));
  return reduced;
}

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
    reduce,
    rebuild: (data: ReducedProxy) => rebuild(Class, data),
  });
}

/** How proxies of the user's own classes travel. */
class CustomProxy {}

type ReducedCustomProxy = readonly [data: ReducedProxy, proxyType: unknown];

/** Those that were registered here. Of two with one name, the later one. */
const byName = new Map<string, ProxyClass>();

register(CustomProxy, {
  name: '@mp/managers.CustomProxy',
  module: import.meta.url,
  untrusted: true,
  reduce: () => null,
  rebuild: (data: unknown) => {
    if (!Array.isArray(data)) throw new TypeError('this is no proxy of a managed object');
    const [reduced, proxyType] = data as unknown as ReducedCustomProxy;
    return rebuild(isProxyClass(proxyType) ? proxyType : (byName.get(String(proxyType)) ?? AutoProxy), reduced);
  },
});

const isProxyClass = (value: unknown): value is ProxyClass =>
  typeof value === 'function' && value.prototype instanceof BaseProxy;

const registered = new WeakSet<ProxyClass>(BUILT_IN);

/**
 * A proxy class of the user. It travels by where it is exported, so that whoever receives the proxy need not have
 * registered it. To and from servers that may not name code, the proxy has the name of its class with it: that is found
 * among those that were registered, and else the proxy becomes an {@link AutoProxy}.
 */
export function registerProxyType(Class: ProxyClass): void {
  if (registered.has(Class)) return;
  registered.add(Class);
  byName.set(Class.name, Class);
  registerAs(Class, CustomProxy, (proxy: BaseProxy, context): ReducedCustomProxy => {
    const reduced = reduce(proxy, context);
    return [reduced, reduced.server.trusted ? Class : Class.name];
  });
}
