import { type BaseProxy, callMethod, callMethodSync } from './base-proxy.ts';

/** The blocking form of a proxy: its methods are those of the object. */
export class SyncView {
  readonly #proxy: BaseProxy;

  constructor(proxy: BaseProxy) {
    this.#proxy = proxy;
  }

  static proxyOf(view: SyncView): BaseProxy {
    return view.#proxy;
  }
}

type Descriptors = Record<string, PropertyDescriptor & ThisType<unknown>>;

const hidden = (value: unknown): PropertyDescriptor => ({
  value,
  configurable: true,
  writable: true,
  enumerable: false,
});

/** Methods of a proxy class that call those of the object, by their names. */
export function promising(methods: readonly string[]): Descriptors {
  const descriptors: Descriptors = {};
  for (const name of methods) {
    const method = function (this: BaseProxy, ...args: unknown[]): Promise<unknown> {
      return callMethod(this, name, args);
    };
    descriptors[name] = hidden(Object.defineProperty(method, 'name', { value: name }));
  }
  return descriptors;
}

/** The same for the view that blocks. */
export function blocking(methods: readonly string[]): Descriptors {
  const descriptors: Descriptors = {};
  for (const name of methods) {
    const method = function (this: SyncView, ...args: unknown[]): unknown {
      return callMethodSync(SyncView.proxyOf(this), name, args);
    };
    descriptors[name] = hidden(Object.defineProperty(method, 'name', { value: name }));
  }
  return descriptors;
}

/** The property `sync`: made when it is first asked for, with these methods. */
export function syncProperty(make: (proxy: BaseProxy) => object): PropertyDescriptor {
  const views = new WeakMap<object, object>();
  return {
    configurable: true,
    enumerable: false,
    get(this: BaseProxy): object {
      let view = views.get(this);
      if (view === undefined) {
        view = make(this);
        views.set(this, view);
      }
      return view;
    },
  };
}
