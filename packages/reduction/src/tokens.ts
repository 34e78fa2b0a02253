import { UnpicklingError } from './errors.ts';

/**
 * MessagePack tokens without decoding them: to find the end of a value, to check the structure of a stranger's message
 * before msgpackr sees it, and for the disassembler.
 */

/** The offset behind the token last read by {@link readToken}, its text or bytes included. */
export let tokenEnd = 0;
/** Where the text or the bytes of the token begin. */
export let payloadStart = 0;
/** How many values the token announces: elements, or keys and values. */
export let children = 0;

function cutOff(at: number): never {
  throw new UnpicklingError(`The message cannot be unpickled: it is cut off at byte ${at}.`);
}

/**
 * Reads the token at `at` into {@link tokenEnd}, {@link payloadStart} and {@link children}.
 *
 * @throws UnpicklingError if it does not fit before `end`
 */
export function readToken(bytes: Buffer, at: number, end: number): void {
  if (at >= end) cutOff(at);
  const token = bytes[at] as number;
  let size = 1;
  let payload = 0;
  children = 0;
  if (token < 0x80 || token >= 0xe0) {
    tokenEnd = payloadStart = at + 1;
    return;
  }
  if (token < 0x90) children = 2 * (token - 0x80);
  else if (token < 0xa0) children = token - 0x90;
  else if (token < 0xc0) payload = token - 0xa0;
  else {
    size = HEADER[token - 0xc0] as number;
    if (at + size > end) cutOff(at);
    const count = readCount(bytes, at, size);
    if (token === 0xdc || token === 0xdd) children = count;
    else if (token === 0xde || token === 0xdf) children = 2 * count;
    else if (token >= 0xd9) payload = count;
    else if (token <= 0xc6 && token >= 0xc4) payload = count;
    else if (token <= 0xc9 && token >= 0xc7) payload = count + 1;
    else payload = FIXED[token - 0xc0] as number;
  }
  payloadStart = at + size;
  tokenEnd = payloadStart + payload;
  if (tokenEnd > end || children > end - payloadStart) cutOff(at);
}

/** Bytes of the token and of the length that follows it, from 0xc0 to 0xdf. */
const HEADER = [1, 1, 1, 1, 2, 3, 5, 2, 3, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 5, 3, 5, 3, 5];
/** Bytes that follow without a length: numbers, and extensions of fixed size with their type. */
const FIXED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, 0, 0, 0, 0, 0, 0, 0];

function readCount(bytes: Buffer, at: number, size: number): number {
  if (size === 2) return bytes[at + 1] as number;
  if (size === 3) return bytes.readUInt16BE(at + 1);
  return size === 5 ? bytes.readUInt32BE(at + 1) : 0;
}

/**
 * The offset behind the value that begins at `at`.
 *
 * @throws UnpicklingError
 */
export function skip(bytes: Buffer, at: number, end: number): number {
  let offset = at;
  let pending = 1;
  while (pending > 0) {
    readToken(bytes, offset, end);
    offset = tokenEnd;
    pending += children - 1;
  }
  return offset;
}

/**
 * Checks that `[start, end)` is exactly one value of our format: no extension types but `undefined`, keys that are
 * strings, no more levels than allowed. About 8 ns a token.
 *
 * @throws UnpicklingError
 */
export function validate(bytes: Buffer, start: number, end: number, maxDepth: number): void {
  const open: number[] = [];
  let pending = 1;
  let inMap = false;
  let offset = start;
  while (true) {
    while (pending === 0) {
      if (open.length === 0) {
        if (offset !== end) throw new UnpicklingError('The message cannot be unpickled: there is more behind it.');
        return;
      }
      const outer = open.pop() as number;
      inMap = outer < 0;
      pending = Math.abs(outer) - 1;
    }
    const token = bytes[offset] as number;
    readToken(bytes, offset, end);
    if (inMap && pending % 2 === 0 && !isText(token)) foreign(offset, 'a key that is no text');
    if (token === 0xc1) foreign(offset, 'a token that does not exist');
    if (((token >= 0xc7 && token <= 0xc9) || (token >= 0xd4 && token <= 0xd8)) && !isUndefined(bytes, offset, token)) {
      foreign(offset, 'an extension type');
    }
    offset = tokenEnd;
    pending--;
    if (children > 0) {
      if (open.length >= maxDepth) foreign(offset, `more than ${maxDepth} levels`);
      // Zero would lose its sign, so everything is one more than it is.
      open.push(inMap ? -(pending + 1) : pending + 1);
      inMap = (token >= 0x80 && token < 0x90) || token >= 0xde;
      pending = children;
    }
  }
}

const isText = (token: number): boolean => (token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb);

const isUndefined = (bytes: Buffer, at: number, token: number): boolean => token === 0xd4 && bytes[at + 1] === 0;

function foreign(at: number, what: string): never {
  throw new UnpicklingError(`The message cannot be unpickled: it has ${what} at byte ${at}.`);
}
