import { GRAPH, PLAIN, type Tree } from './format.ts';
import { MOST_RESERVED, type Packed, pack } from './messagepack.ts';
import { isPlain } from './reduce/plain.ts';
import { Reducer } from './reduce/reducer.ts';
import { closeInspector } from './references/inspector.ts';
import { undoAll } from './undo.ts';

/** What a {@link Pickler} is told when it is made. */
export interface PicklerOptions {
  /**
   * From how many bytes on the memory of a buffer (Buffer, typed array, DataView, ArrayBuffer) does not go into the
   * message but into {@link Pickle.buffers}. Default: Infinity, everything goes into the message.
   */
  outOfBand?: number;
}

/**
 * A message, ready to be sent: the bytes `[start, end)` of `bytes`, and what goes beside it.
 *
 * It is a view of memory that is used again: valid until the next `pickle()` of any Pickler in this thread. What has to
 * wait longer is {@link detach | detached} first.
 */
export interface Pickle {
  /** Where the message lies. */
  readonly bytes: Uint8Array;
  /** Where it begins in `bytes`. */
  readonly start: number;
  /** Where it ends, exclusive. */
  readonly end: number;
  /** The memory that does not go into the message, in order: views of the user's own memory, not copies. */
  readonly buffers: readonly Uint8Array[];
  /** The file descriptors to send along, in order. They stay the property of the sender. */
  readonly descriptors: readonly number[];
  /** What whoever sends the message has to call if it is not sent after all. Undefined: nothing. */
  readonly ifNotSent: readonly (() => void)[] | undefined;
  /** A pickle with bytes and buffers of its own, which nobody else writes to. */
  detach(): Pickle;
}

const NO_BUFFERS: readonly Uint8Array[] = Object.freeze([]);
const NO_DESCRIPTORS: readonly number[] = Object.freeze([]);

class Message implements Pickle {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  buffers: readonly Uint8Array[] = NO_BUFFERS;
  descriptors: readonly number[] = NO_DESCRIPTORS;
  ifNotSent: readonly (() => void)[] | undefined = undefined;

  detach(): Pickle {
    const copy = new Message();
    copy.bytes = new Uint8Array(this.bytes.subarray(this.start, this.end));
    copy.end = copy.bytes.length;
    if (this.buffers.length > 0) copy.buffers = this.buffers.map((buffer) => new Uint8Array(buffer));
    copy.descriptors = this.descriptors;
    copy.ifNotSent = this.ifNotSent;
    return copy;
  }
}

/**
 * Turns values into messages.
 *
 * A value either arrives as it is (see the README for what that means for each type) or is refused with a
 * {@link PicklingError} that says where in the value the trouble is; the pickler can be used again at once.
 * Getters and the `reduce` of registered classes run while `pickle` runs, and may pickle themselves.
 *
 * Python: `multiprocessing.reduction.ForkingPickler`.
 *
 * @example
 * ```ts
 * const pickler = new Pickler({ outOfBand: 65_536 });
 * const { bytes, start, end, buffers } = pickler.pickle([job, pixels], 'args');
 * ```
 */
export class Pickler {
  readonly #outOfBand: number;
  readonly #message = new Message();

  constructor(options: PicklerOptions = {}) {
    const { outOfBand = Number.POSITIVE_INFINITY } = options;
    if (typeof outOfBand !== 'number' || !(outOfBand >= 1)) {
      throw new RangeError(`outOfBand must be a number of bytes from 1 on, but is ${String(outOfBand)}`);
    }
    this.#outOfBand = outOfBand;
  }

  /**
   * Pickles one value.
   *
   * @param value - anything
   * @param path - how the value is called in the paths of errors, for example `'args'`
   * @returns the message; the same object each time, valid until the next `pickle()` of this thread
   * @throws PicklingError
   */
  pickle(value: unknown, path = 'value'): Pickle {
    const message = this.#message;
    const packed = packPlain(value, this.#outOfBand);
    if (packed === undefined) return this.#pickleGraph(value, path);
    packed[packed.start] = PLAIN;
    message.bytes = packed;
    message.start = packed.start;
    message.end = packed.end;
    message.buffers = NO_BUFFERS;
    message.descriptors = NO_DESCRIPTORS;
    message.ifNotSent = undefined;
    return message;
  }

  #pickleGraph(value: unknown, path: string): Pickle {
    const message = this.#message;
    const reducer = new Reducer(path);
    const buffers: Uint8Array[] = [];
    const packed = packGraph(reducer, () => {
      const parts = reducer.run(value);
      parts.unshift(reducer.memory.finish(this.#outOfBand, buffers));
      return parts;
    });
    message.bytes = packed;
    message.start = packed.start;
    message.end = packed.end;
    message.buffers = buffers.length === 0 ? NO_BUFFERS : buffers;
    message.descriptors = reducer.descriptors.length === 0 ? NO_DESCRIPTORS : reducer.descriptors;
    message.ifNotSent = reducer.undo;
    return message;
  }
}

const NO_REFERENCES = Uint8Array.of(0xc0);

function packGraph(reducer: Reducer, reduce: () => Tree[]): Packed {
  let parts: Tree[];
  try {
    parts = reduce();
  } catch (error) {
    undoAll(reducer.undo);
    throw reducer.explain(error);
  } finally {
    closeInspector();
  }
  try {
    return putTogether(reducer.references.finish(), parts);
  } catch (error) {
    undoAll(reducer.undo);
    throw reducer.explain(error, 'msgpackr refused it:');
  }
}

function putTogether(references: Uint8Array = NO_REFERENCES, parts: readonly Tree[]): Packed {
  const front = 1 + references.length;
  const fits = front <= MOST_RESERVED;
  const packed = pack(parts, fits ? front : 0);
  const whole = fits ? packed : moveBehind(front, packed);
  whole[whole.start] = GRAPH;
  whole.set(references, whole.start + 1);
  return whole;
}

/** For long tables of references, which msgpackr leaves no room for. */
function moveBehind(front: number, packed: Packed): Packed {
  const end = front + packed.end - packed.start;
  const whole = Buffer.allocUnsafeSlow(end);
  packed.copy(whole, front, packed.start, packed.end);
  return Object.assign(whole, { start: 0, end });
}

/** A getter may throw, or return something that msgpackr refuses the second time: then the reducer has the last word. */
function packPlain(value: unknown, outOfBand: number): Packed | undefined {
  try {
    return isPlain(value, outOfBand) ? pack(value, 1) : undefined;
  } catch {
    return undefined;
  }
}
