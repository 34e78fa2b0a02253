import type { Outgoing } from './transport.ts';

/** Part of a buffer. */
export interface ByteRange {
  /** The first byte; default 0. */
  readonly offset?: number | undefined;
  /** How many bytes; default all from `offset` on. */
  readonly size?: number | undefined;
}

const EMPTY: readonly never[] = [];

/** Any buffer as bytes, without copying. */
export function asBytes(data: unknown, name: string): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
  throw Object.assign(
    new TypeError(`${name} must be an ArrayBuffer, a typed array, a DataView or a Buffer, not ${describe(data)}.`),
    { code: 'ERR_INVALID_ARG_TYPE' },
  );
}

/** The bytes that a range means, as a message. */
export function bytesOf(data: unknown, range: ByteRange | undefined): Outgoing {
  const bytes = asBytes(data, 'data');
  const offset = checkOffset(range?.offset, bytes.length);
  const size = range?.size ?? bytes.length - offset;
  if (!Number.isInteger(size) || size < 0 || offset + size > bytes.length) {
    throw outOfRange(`size is ${size}: it must be an integer from 0 to ${bytes.length - offset}, what follows offset.`);
  }
  return { bytes, start: offset, end: offset + size, buffers: EMPTY, descriptors: EMPTY };
}

/** The bytes of a target from an offset on. */
export function roomIn(target: unknown, offset: number | undefined): Uint8Array {
  const bytes = asBytes(target, 'target');
  return bytes.subarray(checkOffset(offset, bytes.length));
}

export function checkMaxLength(maxLength: number | undefined): number {
  if (maxLength === undefined) return Number.POSITIVE_INFINITY;
  if (typeof maxLength === 'number' && maxLength >= 0) return maxLength;
  throw outOfRange(`maxLength is ${maxLength}: it must be a number of bytes, 0 or more.`);
}

function checkOffset(offset: number | undefined, length: number): number {
  if (offset === undefined) return 0;
  if (Number.isInteger(offset) && offset >= 0 && offset <= length) return offset;
  throw outOfRange(`offset is ${offset}: it must be an integer from 0 to ${length}, the length of the buffer.`);
}

const outOfRange = (message: string): RangeError =>
  Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' });

const describe = (value: unknown): string =>
  value === null
    ? 'null'
    : typeof value === 'object'
      ? `a ${value.constructor?.name ?? 'object'}`
      : `a ${typeof value}`;
