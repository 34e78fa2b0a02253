import type { WaitOptions } from '@mp/native';
import type { Reference } from '../reference.ts';
import { BaseProxy } from './base-proxy.ts';
import { blocking, promising, SyncView, syncProperty } from './methods.ts';

/**
 * A proxy whose methods are those that its object exposes.
 *
 * They are its own properties, since they differ from object to object while all of these proxies are of one class.
 *
 * Python: `AutoProxy[typeid]`.
 */
export class AutoProxy extends BaseProxy {
  constructor(reference: Reference, options?: WaitOptions) {
    super(reference, options);
    Object.defineProperties(this, methodsOf(reference.exposed));
  }
}

const known = new Map<string, PropertyDescriptorMap>();
const MOST_KNOWN = 1_000;

function methodsOf(exposed: readonly string[]): PropertyDescriptorMap {
  const key = exposed.join('\0');
  let descriptors = known.get(key);
  if (descriptors === undefined) {
    const forSync = blocking(exposed);
    descriptors = {
      ...promising(exposed),
      sync: syncProperty((proxy) => Object.defineProperties(new SyncView(proxy), forSync)),
    };
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, descriptors);
  }
  return descriptors;
}
