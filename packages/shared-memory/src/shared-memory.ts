import { ClosedError } from '@mp/errors';
import {
  asShortage,
  closeDescriptor,
  createMemory,
  descriptorSize,
  mapMemory,
  openSharedMemory,
  resizeMemory,
  unlinkSharedMemory,
  unmapMemory,
} from '@mp/native';
import { register } from '@mp/reduction';
import { keep, letGoOf } from './descriptor.ts';
import { NoSharedMemoryError, SharedMemoryExistsError } from './errors.ts';
import { checkMachine, checkShm } from './room.ts';

/** What {@link SharedMemory} is told when it is made. */
export interface SharedMemoryOptions {
  /** Default, with `create`: a new one, `psm_` and 8 hexadecimal digits. A slash in front changes nothing. */
  readonly name?: string | null | undefined;
  /** Make new memory, which must not exist yet. Default false: attach to what there is. */
  readonly create?: boolean | undefined;
  /** In bytes, with `create`. Whoever attaches gets the size that it has. */
  readonly size?: number | undefined;
}

/** Memory that is open already: what the constructor makes of its options, and what comes in messages. */
class Opened {
  readonly name: string | undefined;
  readonly descriptor: number;
  /** It is the transport's until it has become a SharedMemory. */
  readonly received: boolean;
  /** Its name did not exist before. */
  readonly isNew: boolean;

  constructor(name: string | undefined, descriptor: number, { received = false, isNew = false } = {}) {
    this.name = name;
    this.descriptor = descriptor;
    this.received = received;
    this.isNew = isNew;
  }
}

const gone = new FinalizationRegistry<number>(letGoOf);

/** How often a name is made up before giving up. */
const ATTEMPTS = 100;

/**
 * A block of shared memory: with a name, by which any process of this user attaches to it, Python's included, or without.
 *
 * - **A name stays** until somebody calls {@link unlink}, even when all processes have ended, however they ended.
 *   Nobody unlinks it behind your back: neither closing, nor collection, nor the end of a process that has it.
 * - **The memory stays** as long as one process has it open, unlinked or not.
 * - **Anonymous memory** ({@link SharedMemory.anonymous}) needs no unlinking: it is gone with the last who has it.
 *
 * It can be sent in any message, named or not, and is inherited by a fork. The receiver has an object of its own, to be
 * closed by itself, and gets the memory even if it was unlinked meanwhile. Nothing is locked.
 *
 * Python: `multiprocessing.shared_memory.SharedMemory`. The names and the memory are the same, so each attaches to what the
 * other has made. Differences: there is no resource tracker and no `track`, attaching never destroys anything (before
 * Python 3.13, and with `track=True`, a Python that has attached unlinks the name when it ends); pickled by descriptor,
 * so unlinking does no harm; close() with live views is no error; writing beyond the end does nothing, and numbers
 * wrap, as with every Uint8Array.
 *
 * @example
 * ```ts
 * const memory = new SharedMemory({ create: true, size: 1024 });
 * memory.buf[0] = 42;
 * const other = new SharedMemory({ name: memory.name }); // in any process
 * console.log(other.buf[0]); // 42
 * other.close();
 * memory.close();
 * memory.unlink();
 * ```
 */
export class SharedMemory {
  /** Without a slash; undefined for anonymous memory. */
  readonly name: string | undefined;
  /** In bytes, exactly as created. */
  readonly size: number;
  readonly #descriptor: number;
  readonly #buffer: ArrayBuffer;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #closed = false;

  /**
   * Creates shared memory, or attaches to it.
   *
   * @throws SharedMemoryExistsError (`EEXIST`), NoSharedMemoryError (`ENOENT`)
   * @throws RangeError when the size is no positive whole number, or is more than /dev/shm has room for
   * @throws TypeError without a name to attach to, or for an impossible one
   */
  constructor(options: SharedMemoryOptions) {
    const { name, descriptor, received, isNew } = options instanceof Opened ? options : open(options);
    try {
      this.name = name;
      this.size = sizeOf(descriptor, name);
      this.#buffer = mapMemory(descriptor, this.size);
      this.#descriptor = keep(descriptor);
    } catch (error) {
      if (!received) closeDescriptor(descriptor);
      if (isNew && name !== undefined) unlinkSharedMemory(name);
      throw asShortage(`SharedMemory '${name ?? 'without a name'}' could not be mapped`, error);
    }
    this.#bytes = new Uint8Array(this.#buffer);
    gone.register(this, this.#descriptor, this);
  }

  /**
   * Shared memory without a name: only those whom it is sent to, or who are forked, have it. It is gone with the last.
   *
   * @param size - in bytes
   * @throws RangeError when that is no positive whole number; `ENOMEM` when it is more than the machine has
   *
   * @example
   * ```ts
   * const memory = SharedMemory.anonymous(1 << 20);
   * await connection.send(memory);
   * memory.close(); // the receiver has it
   * ```
   */
  static anonymous(size: number): SharedMemory {
    checkMachine(checkedSize(size), 'SharedMemory.anonymous');
    let descriptor: number;
    try {
      descriptor = createMemory(size, 'mp-shared-memory');
    } catch (error) {
      throw asShortage('SharedMemory without a name could not be made', error);
    }
    return new SharedMemory(new Opened(undefined, descriptor) as object);
  }

  /**
   * The memory as bytes. `buf.buffer` is the ArrayBuffer, for views of other types: `new Float64Array(memory.buf.buffer)`.
   *
   * Those keep the memory even when the SharedMemory object is forgotten; {@link close} detaches them.
   *
   * @throws ClosedError after {@link close} (Python: None)
   */
  get buf(): Uint8Array<ArrayBuffer> {
    if (this.#closed) throw this.#closedError('buf');
    return this.#bytes;
  }

  /** Whether this object was closed. The memory may live on for others. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * This process does not need it any more; others keep it. Idempotent.
   *
   * All views of it have length 0 from now on: reading an element gives undefined, and methods that need memory throw a
   * TypeError. Nothing crashes. Python: BufferError when there are views.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    gone.unregister(this);
    // Somebody may have detached it, by transferring it to somewhere.
    if (this.#buffer.byteLength > 0) unmapMemory(this.#buffer);
    letGoOf(this.#descriptor);
  }

  /**
   * Removes the name: nobody can attach by it any more. Whoever has the memory keeps it, this process too until
   * {@link close}. Allowed before or after closing; call it once, in one process. Does nothing for anonymous memory.
   *
   * @throws NoSharedMemoryError (`ENOENT`) when there is no such name any more
   */
  unlink(): void {
    if (this.name === undefined) return;
    try {
      unlinkSharedMemory(this.name);
    } catch (error) {
      throw inOurWords(error, this.name);
    }
  }

  /** Closes; does not unlink. */
  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const name = this.name === undefined ? 'anonymous' : `'${this.name}'`;
    return `SharedMemory(${name}, size=${this.size}${this.#closed ? ', closed' : ''})`;
  }

  #closedError(what: string): ClosedError {
    return new ClosedError(
      `SharedMemory.${what}: ${this.name === undefined ? 'the memory' : `'${this.name}'`} was closed by this process. Use it before close(), or attach again.`,
    );
  }

  /** @internal */
  static reduce(memory: SharedMemory, attach: (descriptor: number) => number): Reduced {
    if (memory.#closed) throw memory.#closedError('reduce');
    return { name: memory.name, descriptor: attach(memory.#descriptor) };
  }

  /** @internal */
  static rebuild({ name, descriptor }: Reduced, take: (index: number) => number): SharedMemory {
    return new SharedMemory(new Opened(name, take(descriptor), { received: true }) as object);
  }
}

interface Reduced {
  readonly name: string | undefined;
  readonly descriptor: number;
}

function open({ name, create = false, size = 0 }: SharedMemoryOptions = {}): Opened {
  if (name !== undefined && name !== null && typeof name !== 'string') {
    throw new TypeError(`SharedMemory: the name must be a string, not ${typeof name}`);
  }
  if (!create) {
    if (name === undefined || name === null) {
      throw new TypeError(
        'SharedMemory: the name can only be left out with create: true. Which memory is to be attached?',
      );
    }
    return new Opened(bare(name), openNamed(bare(name), { create: false }));
  }
  checkedSize(size);
  checkShm(size);
  if (name !== undefined && name !== null)
    return new Opened(bare(name), createNamed(bare(name), size), { isNew: true });
  for (let attempt = 1; ; attempt++) {
    const made = `psm_${Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')}`;
    try {
      return new Opened(made, createNamed(made, size), { isNew: true });
    } catch (error) {
      if (!(error instanceof SharedMemoryExistsError) || attempt === ATTEMPTS) throw error;
    }
  }
}

const bare = (name: string): string => (name.startsWith('/') ? name.slice(1) : name);

function checkedSize(size: number): number {
  if (size === 0) throw new RangeError("SharedMemory: 'size' must be a positive number different from zero");
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new RangeError(`SharedMemory: 'size' must be a positive integer, not ${String(size)}`);
  }
  return size;
}

function createNamed(name: string, size: number): number {
  const descriptor = openNamed(name, { create: true, exclusive: true });
  try {
    resizeMemory(descriptor, size);
    return descriptor;
  } catch (error) {
    closeDescriptor(descriptor);
    unlinkSharedMemory(name);
    throw asShortage(`SharedMemory '${name}' could not be made`, error);
  }
}

function openNamed(name: string, flags: { create: boolean; exclusive?: boolean }): number {
  try {
    return openSharedMemory(name, flags);
  } catch (error) {
    throw inOurWords(error, name);
  }
}

function sizeOf(descriptor: number, name: string | undefined): number {
  const size = descriptorSize(descriptor);
  if (size > 0) return size;
  throw new RangeError(
    `SharedMemory: '${name}' is empty. It is no shared memory, or its creator is about to set its size: attach again later.`,
  );
}

function inOurWords(error: unknown, name: string): unknown {
  const { code } = error as { code?: string };
  if (code === 'EEXIST') return new SharedMemoryExistsError(name, { cause: error });
  if (code === 'ENOENT') return new NoSharedMemoryError(name, { cause: error });
  return asShortage(`SharedMemory '${name}' could not be opened`, error);
}

register(SharedMemory, {
  name: '@mp/shared-memory/SharedMemory',
  module: import.meta.url,
  reduce: (memory, context) => SharedMemory.reduce(memory, (descriptor) => context.descriptor(descriptor)),
  rebuild: (data: Reduced, context) => SharedMemory.rebuild(data, (index) => context.descriptor(index)),
});
