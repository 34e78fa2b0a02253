/** Python's ints in pickles: two's complement, little-endian, as many bytes as it takes. */

/** So many bytes fit what a number holds exactly. */
const EXACT_BYTES = 6;

export function decodeLong(bytes: Buffer): number | bigint {
  if (bytes.length === 0) return 0;
  if (bytes.length <= EXACT_BYTES) return bytes.readIntLE(0, bytes.length);
  const value = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  const negative = ((bytes[bytes.length - 1] as number) & 0x80) !== 0;
  const signed = negative ? value - (1n << BigInt(8 * bytes.length)) : value;
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

export function encodeLong(value: bigint): Buffer {
  if (value === 0n) return Buffer.alloc(0);
  const magnitude = value < 0n ? -value : value;
  const digits = magnitude.toString(16);
  // One bit more for the sign.
  const length = (digits.length >> 1) + 1;
  const twos = value < 0n ? (1n << BigInt(8 * length)) + value : value;
  const bytes = Buffer.from(twos.toString(16).padStart(2 * length, '0'), 'hex').reverse();
  return minimal(bytes);
}

/** Without bytes that only repeat the sign, as Python writes it. */
function minimal(bytes: Buffer): Buffer {
  let length = bytes.length;
  while (length > 1) {
    const last = bytes[length - 1];
    const signBelow = ((bytes[length - 2] as number) & 0x80) !== 0;
    if (!((last === 0 && !signBelow) || (last === 0xff && signBelow))) break;
    length--;
  }
  return bytes.subarray(0, length);
}
