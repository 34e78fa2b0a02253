import { BaseProxy, callMethod, callMethodSync } from './base-proxy.ts';
import { SyncView, syncProperty } from './methods.ts';

type Result = IteratorResult<unknown, void>;

const END: Result = { done: true, value: undefined };

/** The blocking form. */
class IteratorView extends SyncView implements IterableIterator<unknown, void, undefined> {
  next(): Result {
    return callMethodSync(SyncView.proxyOf(this), 'next') as Result;
  }

  return(): Result {
    callMethodSync(SyncView.proxyOf(this), 'return');
    return END;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/**
 * Stands for an iterator in the server of a manager, sync or async: what a generator method returns. Each item is fetched
 * when it is asked for.
 *
 * Python: `multiprocessing.managers.IteratorProxy`.
 */
export class IteratorProxyClass extends BaseProxy {
  static readonly exposed: readonly string[] = ['next', 'return'];

  next(): Promise<Result> {
    return callMethod(this, 'next') as Promise<Result>;
  }

  async return(): Promise<Result> {
    await callMethod(this, 'return');
    return END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
Object.defineProperty(IteratorProxyClass, 'name', { value: 'IteratorProxy' });
Object.defineProperty(
  IteratorProxyClass.prototype,
  'sync',
  syncProperty((proxy) => new IteratorView(proxy)),
);
