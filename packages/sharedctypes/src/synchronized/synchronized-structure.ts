import { register } from '@mp/reduction';
import { StructObject } from '../raw/structures.ts';
import type { Fields } from '../types/struct-type.ts';
import type { Structure } from '../types/values.ts';
import type { SharedLock } from './lock.ts';
import { SynchronizedObject } from './synchronized-object.ts';

/** A structure in shared memory with a lock: its fields, and what {@link SynchronizedObject} has. */
export type SynchronizedStructure<F extends Fields> = Structure<F> & SynchronizedObject<Structure<F>>;

/** Its fields are read and written under the lock, each by itself. Fields that are structures or arrays have no lock. */
export class Synchronized extends SynchronizedObject<StructObject> {
  /** @throws TypeError when a field has the name of a method */
  constructor(raw: StructObject, lock: SharedLock | true | null | undefined) {
    super(raw, lock);
    for (const { name } of StructObject.typeOf(raw).fields) {
      if (name in this) {
        throw new TypeError(
          `A structure with the field '${name}' cannot have a lock around it, for that is a method of the wrapper. Rename the field, or use RawValue and a lock of your own`,
        );
      }
      Object.defineProperty(this, name, {
        enumerable: true,
        get: () => SynchronizedObject.access(this, (it) => (it as unknown as Record<string, unknown>)[name]),
        set: (value) => SynchronizedObject.access(this, (it) => Reflect.set(it, name, value)),
      });
    }
    Object.preventExtensions(this);
  }
}

register(Synchronized, {
  name: '@mp/sharedctypes/Synchronized',
  module: import.meta.url,
  reduce: SynchronizedObject.reduce,
  rebuild: ([raw, lock]: [StructObject, SharedLock]) => new Synchronized(raw, lock),
});
