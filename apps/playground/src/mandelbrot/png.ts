import { pipeline } from 'node:stream/promises';
import { crc32, createDeflate } from 'node:zlib';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const BITS_PER_COLOUR = 8;
const RED_GREEN_BLUE = 2;
/** How it is packed, filtered and interlaced. There is one way only, one only, and not at all. */
const THE_ONLY_WAYS = [0, 0, 0] as const;

/**
 * A picture as a file of the format PNG, packed while the lines come.
 *
 * @param lines - each with the number of its filter before its points, top to bottom; cut anywhere
 * @throws what `lines` throws
 */
export async function pngOf(width: number, height: number, lines: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([BITS_PER_COLOUR, RED_GREEN_BLUE, ...THE_ONLY_WAYS], 8);
  const pieces = [SIGNATURE, ...chunk('IHDR', head)];
  await pipeline(lines, createDeflate(), async (packed: AsyncIterable<Buffer>) => {
    for await (const data of packed) pieces.push(...chunk('IDAT', data));
  });
  pieces.push(...chunk('IEND', Buffer.alloc(0)));
  return pieces;
}

/** A part of the file: length, type, data, and a checksum of the last two. */
function chunk(type: string, data: Buffer): Buffer[] {
  const name = Buffer.from(type, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(data, crc32(name)));
  return [length, name, data, sum];
}
