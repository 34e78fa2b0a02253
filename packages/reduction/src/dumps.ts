import { PicklingError } from './errors.ts';
import { Pickler } from './pickler.ts';
import { undoAll } from './undo.ts';
import { Unpickler, type UnpicklerOptions } from './unpickler.ts';

const pickler = new Pickler();

/**
 * Pickles a value into bytes that contain everything.
 *
 * Python: `pickle.dumps`.
 *
 * @throws PicklingError also for values that need a file descriptor to travel with them: only a connection can do that
 *
 * @example
 * ```ts
 * const bytes = dumps(new Map([['a', new Date()]]));
 * const map = await loads<Map<string, Date>>(bytes);
 * ```
 */
export function dumps(value: unknown): Uint8Array {
  const { bytes, start, end, descriptors, ifNotSent } = pickler.pickle(value);
  if (descriptors.length > 0) {
    undoAll(ifNotSent);
    throw new PicklingError(
      '`value` cannot be pickled: it contains a file descriptor, and bytes cannot carry one. Send it through a Connection.',
      { path: 'value', valueType: 'descriptor' },
    );
  }
  // Not `slice`: of a Buffer that would be a view of memory that is used again.
  return new Uint8Array(bytes.subarray(start, end));
}

/**
 * Turns bytes of {@link dumps} back into the value, importing the modules that it needs.
 *
 * Python: `pickle.loads`.
 *
 * @throws UnpicklingError
 *
 * @example
 * ```ts
 * const { a } = await loads<{ a: number }>(dumps({ a: 1 }));
 * ```
 */
export async function loads<T = unknown>(bytes: Uint8Array, options: UnpicklerOptions = {}): Promise<T> {
  const unpickler = new Unpickler(options);
  const incoming = { bytes, start: 0, end: bytes.byteLength };
  await unpickler.prepare(incoming);
  return unpickler.finish(incoming) as T;
}

/**
 * {@link loads} without waiting: modules are loaded synchronously where Node can do that.
 *
 * @throws UnpicklingError
 * @throws ModuleNotLoadedError for a module with top-level await: import it first, or use {@link loads}
 */
export function loadsSync<T = unknown>(bytes: Uint8Array, options: UnpicklerOptions = {}): T {
  const unpickler = new Unpickler(options);
  const incoming = { bytes, start: 0, end: bytes.byteLength };
  unpickler.prepareSync(incoming);
  return unpickler.finish(incoming) as T;
}
