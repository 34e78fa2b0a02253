/**
 * Shared memory as ArrayBuffers. `Atomics` work on them between processes, except `Atomics.wait` and `notify`, which
 * Node allows on a SharedArrayBuffer only: {@link futexWaitSync} and its sisters do that.
 *
 * @module
 */
import { addon, type NativeLease, type NativeMapping } from './addon.ts';
import { endWaitsOn } from './futex-wait.ts';

/** Which part of a memory to map, and how. */
export interface MapOptions {
  /** Where in the memory it begins; a multiple of the page size. Default 0. */
  readonly offset?: number | undefined;
  /**
   * Writes reach nobody else, and do not fail either: they stay in a private copy of the page, which no longer shows
   * what others write. (JavaScript has no read-only ArrayBuffer.) Default false.
   */
  readonly readOnly?: boolean | undefined;
  /** Touch all pages now, instead of one by one when they are first used. Default false. */
  readonly populate?: boolean | undefined;
}

/**
 * Maps shared memory into an ArrayBuffer.
 *
 * It is unmapped by {@link unmapMemory}, or some time after the ArrayBuffer was collected: from the event loop, so
 * never in the middle of synchronous code. The descriptor may be closed at once.
 *
 * @param size - in bytes, at least 1
 * @throws RangeError `ERR_OUT_OF_RANGE` when the memory is smaller than that; Error `EACCES`, `EBADF`, `ENOMEM`
 *
 * @example
 * ```ts
 * const fd = createMemory(4096);
 * const counter = new Int32Array(mapMemory(fd, 4096)); // another process does the same with the same descriptor
 * Atomics.add(counter, 0, 1);
 * unmapMemory(counter.buffer);
 * closeDescriptor(fd);
 * ```
 */
export function mapMemory(fd: number, size: number, options: MapOptions = {}): ArrayBuffer {
  const { offset = 0, readOnly = false, populate = false } = options;
  return addon().mapMemory(fd, size, offset, readOnly, populate);
}

/**
 * Detaches an ArrayBuffer of {@link mapMemory} and unmaps its memory at once: it and the typed arrays over it have
 * length 0 from now on. Nothing may be using it outside of JavaScript, such as an `fs.read` under way.
 *
 * A view of a {@link Mapping} is only detached; the memory is unmapped when the mapping is closed and its last view
 * is gone.
 *
 * Promises of {@link futexWait} on its words are rejected.
 *
 * @throws TypeError `ERR_INVALID_ARG_VALUE` when it is detached already, or is not mapped memory
 */
export function unmapMemory(buffer: ArrayBuffer): void {
  addon().unmapMemory(buffer);
  endWaitsOn(buffer);
}

/** How many mappings this thread has, those included whose collection is under way. For tests and statistics. */
export function countMappings(): number {
  return addon().countMappings();
}

/**
 * One mapping of shared memory, seen through many ArrayBuffers, which stays mapped until all of them are gone.
 *
 * @example
 * ```ts
 * const mapping = Mapping.of(fd, 1 << 20);
 * const lease = mapping.lease(0);                    // the word at 0 says 1 while somebody reads
 * const bytes = mapping.view(64, 1000, lease);       // handed to whoever asked
 * lease.release();                                   // no more views: 0 is stored when `bytes` is collected
 * mapping.close();                                   // no more views at all: unmapped when the last is gone
 * ```
 */
export class Mapping {
  readonly #native: NativeMapping;
  /** In bytes. */
  readonly size: number;

  private constructor(native: NativeMapping, size: number) {
    this.#native = native;
    this.size = size;
  }

  /** Maps shared memory. Arguments and errors are those of {@link mapMemory}. */
  static of(fd: number, size: number, options: MapOptions = {}): Mapping {
    const { offset = 0, readOnly = false, populate = false } = options;
    return new Mapping(new (addon().Mapping)(fd, size, offset, readOnly, populate), size);
  }

  /**
   * An ArrayBuffer over a part of the memory. Views may overlap.
   *
   * Do not call `transfer()` on a leased view: the lease would end while the memory is in use.
   *
   * @param length - may be 0; such a view is an ordinary empty ArrayBuffer, and holds nothing
   * @param lease - of this mapping, which the view then holds
   * @throws Error `ERR_MP_CLOSED` after {@link close}, or when the lease was released
   */
  view(offset: number, length: number, lease?: Lease): ArrayBuffer {
    return lease === undefined ? this.#native.view(offset, length) : Lease.view(lease, this.#native, offset, length);
  }

  /**
   * A lease: 0 is stored into the 32-bit word at `offset`, and whoever waits for it with a futex is woken, as soon as
   * the lease was released and every view made with it was collected or detached. The word is not touched before:
   * whoever hands the memory out sets it.
   *
   * The end is noticed in the garbage collection that finds the last view dead, even in the middle of synchronous
   * code; when that is, is up to V8. At a regular end of the thread all leases end. A process that is killed ends
   * none: others notice by its death.
   *
   * @param offset - a multiple of 4
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a read-only mapping
   */
  lease(offset: number): Lease {
    return Lease.of(this.#native, offset);
  }

  /** No more views. The memory is unmapped when the last view is gone and the last lease has ended. Idempotent. */
  close(): void {
    this.#native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * See {@link Mapping.lease}. The lease object itself counts as one more reader, so that views can be made one after
 * the other though the first be collected meanwhile: call {@link release} after the last. A lease that is forgotten
 * without it is released when the lease object is collected.
 */
export class Lease {
  readonly #native: NativeLease;
  readonly #mapping: NativeMapping;

  private constructor(native: NativeLease, mapping: NativeMapping) {
    this.#native = native;
    this.#mapping = mapping;
  }

  /** @internal */
  static of(mapping: NativeMapping, offset: number): Lease {
    return new Lease(mapping.lease(offset), mapping);
  }

  /** @internal */
  static view(lease: Lease, mapping: NativeMapping, offset: number, length: number): ArrayBuffer {
    if (!(typeof lease === 'object' && lease !== null && #mapping in lease && lease.#mapping === mapping)) {
      const error: TypeError & { code?: string } = new TypeError(
        'The "lease" argument must be a lease of this mapping',
      );
      error.code = 'ERR_INVALID_ARG_VALUE';
      throw error;
    }
    return lease.#native.view(offset, length);
  }

  /** No more views with this lease. It ends at once if there is none left, otherwise with the last. Idempotent. */
  release(): void {
    this.#native.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
