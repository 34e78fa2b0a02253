import { register } from '@mp/reduction';
import { ShareableListError } from './errors.ts';
import { decodeItem, encodeItem, formatOf, type Item, type ListValue } from './list-item.ts';
import { SharedMemory } from './shared-memory.ts';

/** Room is given in multiples of it. */
const ALIGNMENT = 8;
const FORMAT_BYTES = 8;

/** One byte more than it takes, at least, as CPython does. */
const roomFor = ({ format, bytes }: Item): number =>
  format === undefined ? ALIGNMENT * (Math.floor(bytes.length / ALIGNMENT) + 1) : ALIGNMENT;

/** Numbers and BigInts by what they are worth, bytes by their contents. */
function isSame(a: ListValue, b: ListValue): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  }
  const areNumbers = isNumeric(a) && isNumeric(b);
  // biome-ignore lint/suspicious/noDoubleEquals: 5 and 5n are the same number here, whichever comes back from the memory.
  return areNumbers ? a == b || (Number.isNaN(a) && Number.isNaN(b)) : a === b;
}

const isNumeric = (value: ListValue): boolean => typeof value === 'number' || typeof value === 'bigint';

const ascii = new TextDecoder('latin1');

/**
 * A list of fixed length in shared memory: numbers, BigInts, booleans, strings, bytes and null.
 *
 *     int64 length │ (length + 1) × int64 where each item begins │ the items, each a multiple of 8 bytes
 *                  │ length × 8 bytes format of `struct` │ length × 1 byte code
 *
 * That is the layout of CPython, so each reads and writes what the other has made, by the name of {@link shm}.
 *
 * An item can be replaced by any other that fits into its room: 8 bytes, and for strings and bytes the next multiple of
 * 8 above the bytes that they had first. Integers up to 2⁵³ come back as numbers, larger ones as BigInts; other numbers are
 * floats. Nothing is locked: whoever reads while another process writes may get an error or half of it; use a Lock.
 *
 * It is closed and unlinked through {@link shm}. It can be sent in any message.
 *
 * Python: `multiprocessing.shared_memory.ShareableList`. There zeros at the end of strings and bytes are lost, and text
 * beyond ASCII may be cut, for room is counted in characters; here both are kept (a Python that reads still strips).
 *
 * @example
 * ```ts
 * const list = new ShareableList(['howdy', -273.154, 100, true, null]);
 * list.set(2, 'no');
 * console.log([...list]); // ['howdy', -273.154, 'no', true, null]
 * list.shm.close();
 * list.shm.unlink();
 * ```
 */
export class ShareableList implements Iterable<ListValue> {
  /** The memory behind it. */
  readonly shm: SharedMemory;
  /** How many items there are: it never changes. */
  readonly length: number;
  /** Where the room of each item begins, and where that of the last ends, from the beginning of the memory. */
  readonly #starts: readonly number[];

  /**
   * Makes a list, or attaches to one.
   *
   * @param sequence - what is in it; null or undefined: attach to the list with that name
   * @param options.name - of the memory. Default, for a new list: one is made up.
   * @throws TypeError, RangeError when the list cannot have a value
   * @throws SharedMemoryExistsError, NoSharedMemoryError
   * @throws ShareableListError when the memory of that name holds no list
   */
  constructor(
    sequence?: Iterable<ListValue> | SharedMemory | null,
    options: { readonly name?: string | null | undefined } = {},
  ) {
    const { name } = options;
    if (sequence instanceof SharedMemory) this.shm = sequence;
    else if ((sequence === undefined || sequence === null) && typeof name === 'string') {
      this.shm = new SharedMemory({ name });
    } else {
      const items = [...(sequence ?? [])].map(encodeItem);
      const rooms = items.map(roomFor);
      const formats = items.map((item, i) => formatOf(item, rooms[i]!));
      const data = rooms.reduce((sum, room) => sum + room, 0);
      const size = 8 * (items.length + 2) + data + items.length * (FORMAT_BYTES + 1);
      this.shm = new SharedMemory({ name, create: true, size });
      this.length = items.length;
      this.#starts = this.#writeStarts(rooms);
      for (const [i, item] of items.entries()) this.#write(i, item, formats[i]!);
      return;
    }
    try {
      this.length = this.#readLength();
      this.#starts = this.#readStarts();
    } catch (error) {
      this.shm.close();
      throw error;
    }
  }

  /**
   * An item; negative positions count from the end.
   *
   * @throws RangeError when there is none; ClosedError; ShareableListError
   */
  get(position: number): ListValue {
    const i = this.#place(position, 'ShareableList: index out of range');
    const { buf } = this.shm;
    return decodeItem(this.#format(i), buf[this.#codes + i]!, buf.subarray(this.#starts[i]!, this.#starts[i + 1]!));
  }

  /**
   * Replaces an item.
   *
   * @throws RangeError when there is none, or it has not that much room: nothing is changed then
   * @throws TypeError when a list cannot have the value; ClosedError
   */
  set(position: number, value: ListValue): void {
    const i = this.#place(position, 'ShareableList: assignment index out of range');
    const item = encodeItem(value);
    const room = this.#starts[i + 1]! - this.#starts[i]!;
    if (item.bytes.length > room) {
      throw new RangeError(
        `ShareableList: bytes/str item exceeds available storage: it takes ${item.bytes.length} bytes, and item ${i} has room for ${room}, from when the list was made`,
      );
    }
    this.#write(i, item, formatOf(item, room));
  }

  /** How often a value is in the list. Bytes are compared by their contents; 5 and 5n are the same, and NaN is itself. */
  count(value: ListValue): number {
    let count = 0;
    for (const each of this) if (isSame(each, value)) count++;
    return count;
  }

  /**
   * Where a value is first.
   *
   * @throws RangeError when it is nowhere; {@link count} tells without an error
   */
  index(value: ListValue): number {
    let i = 0;
    for (const each of this) {
      if (isSame(each, value)) return i;
      i++;
    }
    throw new RangeError('ShareableList.index(x): x not in list');
  }

  /** The formats of `struct` of all items in one. */
  get format(): string {
    return Array.from({ length: this.length }, (_, i) => this.#format(i)).join('');
  }

  *[Symbol.iterator](): Generator<ListValue, undefined> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    _options: unknown,
    inspect: (value: unknown) => string,
  ): string {
    const name = this.shm.name === undefined ? '' : `, name='${this.shm.name}'`;
    return this.shm.closed ? `ShareableList(closed${name})` : `ShareableList(${inspect([...this])}${name})`;
  }

  get #formats(): number {
    return this.#starts[this.length]!;
  }

  get #codes(): number {
    return this.#formats + this.length * FORMAT_BYTES;
  }

  get #view(): DataView {
    return new DataView(this.shm.buf.buffer);
  }

  #place(position: number, message: string): number {
    const i = position < 0 ? position + this.length : position;
    if (Number.isInteger(i) && i >= 0 && i < this.length) return i;
    throw new RangeError(`${message}: ${String(position)}, and the length is ${this.length}`);
  }

  #format(i: number): string {
    const at = this.#formats + i * FORMAT_BYTES;
    return ascii.decode(this.shm.buf.slice(at, at + FORMAT_BYTES)).replace(/\0+$/, '');
  }

  #write(i: number, item: Item, format: string): void {
    const { buf } = this.shm;
    const start = this.#starts[i]!;
    buf.set(item.bytes, start);
    // A shorter string takes all of the room, as in CPython; the eight bytes of a number leave the rest as it is.
    if (item.format === undefined) buf.fill(0, start + item.bytes.length, this.#starts[i + 1]!);
    const at = this.#formats + i * FORMAT_BYTES;
    for (let j = 0; j < FORMAT_BYTES; j++) buf[at + j] = j < format.length ? format.charCodeAt(j) : 0;
    buf[this.#codes + i] = item.code;
  }

  #writeStarts(rooms: readonly number[]): number[] {
    const view = this.#view;
    const data = 8 * (rooms.length + 2);
    view.setBigInt64(0, BigInt(rooms.length), true);
    const starts = [data];
    for (const room of rooms) starts.push(starts.at(-1)! + room);
    for (const [i, start] of starts.entries()) view.setBigInt64(8 * (i + 1), BigInt(start - data), true);
    return starts;
  }

  #readLength(): number {
    const { size } = this.shm;
    const length = size < 16 ? -1 : Number(this.#view.getBigInt64(0, true));
    if (length < 0 || 8 * (length + 2) + length * (FORMAT_BYTES + 1) > size) this.#noList('of that length');
    return length;
  }

  #readStarts(): number[] {
    const view = this.#view;
    const data = 8 * (this.length + 2);
    const starts = Array.from(
      { length: this.length + 1 },
      (_, i) => data + Number(view.getBigInt64(8 * (i + 1), true)),
    );
    const end = starts[this.length]! + this.length * (FORMAT_BYTES + 1);
    const ascend = starts.every((start, i) => start >= (i === 0 ? data : starts[i - 1]!));
    if (starts[0] !== data || !ascend || end > this.shm.size) this.#noList('with items in those places');
    return starts;
  }

  #noList(what: string): never {
    throw new ShareableListError(
      `ShareableList: the memory '${this.shm.name}' of ${this.shm.size} bytes holds no list ${what}. Attach to memory that a ShareableList has made`,
    );
  }
}

register(ShareableList, {
  name: '@mp/shared-memory/ShareableList',
  module: import.meta.url,
  reduce: (list) => list.shm,
  rebuild: (shm: SharedMemory) => new ShareableList(shm),
});
