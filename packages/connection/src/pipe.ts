import {
  asShortage,
  closeDescriptor,
  createDoorbell,
  createMemory,
  duplicateDescriptor,
  mapMemory,
  socketPair,
  unmapMemory,
} from '@mp/native';
import { Connection, type Untyped } from './connection.ts';
import { type EndDescriptors, LocalEnd } from './local/end.ts';
import { memorySize, PIPE_HEADER_BYTES, type PipeShape, writeShape } from './local/layout.ts';

/** What {@link Pipe} is told. */
export interface PipeOptions {
  /** Two-way: both ends send and receive. Default true. */
  readonly duplex?: boolean | undefined;
  /**
   * Bytes of shared memory for each direction, a power of two from 4 KiB to 1 GiB. Default 1 MiB.
   *
   * A sender waits when so much is unread. Messages may be larger: from a quarter of it on they travel in memory of
   * their own. Untouched memory costs nothing.
   */
  readonly capacity?: number | undefined;
}

const DEFAULT_CAPACITY = 1 << 20;
const SMALLEST_CAPACITY = 1 << 12;
const LARGEST_CAPACITY = 1 << 30;

/**
 * A pipe between processes: what is sent into one end is received at the other.
 *
 * Both ends belong to this process at first. An end travels to another process as an argument of `Process`, or inside
 * any message; close it here afterwards, so that the other side notices when its new owner is gone.
 *
 * @typeParam ToFirst - what the first end receives, and the second sends
 * @typeParam ToSecond - what the second end receives, and the first sends
 * @param options - or just `duplex`, as in Python
 * @throws RangeError if `capacity` is none; ProcessError `EMFILE` when this process has no descriptors left (a pipe takes
 * 8), `ENFILE`, `ENOMEM`
 * @returns two connected ends. If `duplex` is false, the first can only receive and the second can only send.
 *
 * @example
 * ```ts
 * const [ours, theirs] = Pipe();
 * const process = new Process({ target: work, args: [theirs] });
 * await process.start();
 * theirs.close();
 * console.log(await ours.recv());
 * ```
 */
export function Pipe<ToFirst = Untyped, ToSecond = Untyped>(
  options: PipeOptions | boolean = {},
): [first: Connection<ToFirst, ToSecond>, second: Connection<ToSecond, ToFirst>] {
  const shape = shapeOf(typeof options === 'boolean' ? { duplex: options } : options);
  const opened: number[] = [];
  const open = (descriptor: number): number => {
    opened.push(descriptor);
    return descriptor;
  };
  try {
    const memory = open(createMemory(memorySize(shape), 'mp-pipe'));
    const header = mapMemory(memory, PIPE_HEADER_BYTES);
    writeShape(header, shape);
    unmapMemory(header);
    const bell0 = open(createDoorbell());
    const bell1 = open(createDoorbell());
    const [socket0, socket1] = socketPair();
    open(socket0);
    open(socket1);
    const second: EndDescriptors = [
      open(duplicateDescriptor(memory)),
      open(duplicateDescriptor(bell0)),
      open(duplicateDescriptor(bell1)),
      socket1,
    ];
    const end0 = new LocalEnd([memory, bell0, bell1, socket0], 0);
    let end1: LocalEnd;
    try {
      end1 = new LocalEnd(second, 1);
    } catch (error) {
      opened.splice(0, 4);
      end0.close();
      throw error;
    }
    return [new Connection(end0), new Connection(end1)];
  } catch (error) {
    for (const descriptor of opened) closeDescriptor(descriptor);
    throw asShortage('No pipe could be made', error);
  }
}

function shapeOf({ duplex = true, capacity = DEFAULT_CAPACITY }: PipeOptions): PipeShape {
  const powerOfTwo = Number.isInteger(capacity) && capacity > 0 && 2 ** Math.round(Math.log2(capacity)) === capacity;
  if (!powerOfTwo || capacity < SMALLEST_CAPACITY || capacity > LARGEST_CAPACITY) {
    throw Object.assign(
      new RangeError(
        `capacity is ${capacity}: it must be a power of two from ${SMALLEST_CAPACITY} to ${LARGEST_CAPACITY} bytes.`,
      ),
      { code: 'ERR_OUT_OF_RANGE' },
    );
  }
  return { id: Math.random(), duplex: Boolean(duplex), capacity };
}
