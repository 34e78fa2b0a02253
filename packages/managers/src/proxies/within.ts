import type { WaitOptions } from '@mp/native';
import { BaseProxy, type ProxyClass } from './base-proxy.ts';

/**
 * A proxy of the same object whose calls wait for their answers only so long.
 *
 * A call that is given up is cancelled in the server: its method can learn of it by `currentCall().signal`. If it has
 * succeeded in that moment its result arrives all the same, and nothing is lost.
 *
 * @param options - `timeout` in milliseconds, for each call; `signal`, for the promise form only
 * @throws TimeoutError, AbortError by its calls
 *
 * @example
 * ```ts
 * await within(maths, { timeout: 1000 }).factor(2n ** 64n + 1n);
 * ```
 */
export function within<P extends BaseProxy>(proxy: P, options: WaitOptions): P {
  const reference = BaseProxy.reference(proxy);
  return new (proxy.constructor as ProxyClass)(reference, options) as P;
}
