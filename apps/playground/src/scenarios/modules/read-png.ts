import { crc32, inflateSync } from 'node:zlib';

/** A picture that was read from a file. */
export interface Points {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of all points, row by row. */
  readonly colours: Uint8Array;
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const BYTES_PER_POINT = 3;

/**
 * Reads a PNG of the one kind that the playground writes: eight bits for each of red, green and blue, unfiltered or as
 * differences to the point on the left.
 *
 * @throws Error for anything else, and if a checksum or a length is wrong
 */
export function readPng(file: Buffer): Points {
  if (!file.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error('no PNG');
  const chunks = [...chunksOf(file)];
  const types = chunks.map(({ type }) => type);
  if (!/^IHDR(,IDAT)+,IEND$/.test(types.join())) throw new Error(`chunks ${types}`);
  const head = chunks[0]!.data;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  if (head.toString('hex', 8) !== '0802000000') throw new Error(`another kind: ${head.toString('hex', 8)}`);
  const lines = inflateSync(Buffer.concat(chunks.slice(1, -1).map(({ data }) => data)));
  if (lines.length !== height * (1 + width * BYTES_PER_POINT)) throw new Error(`${lines.length} bytes of lines`);
  return { width, height, colours: unfiltered(lines, width, height) };
}

function* chunksOf(file: Buffer): Generator<{ readonly type: string; readonly data: Buffer }> {
  for (let at = SIGNATURE.length; at < file.length; ) {
    const end = at + 8 + file.readUInt32BE(at);
    const checked = file.subarray(at + 4, end);
    if (file.readUInt32BE(end) !== crc32(checked)) throw new Error(`a wrong checksum at ${end}`);
    yield { type: checked.toString('latin1', 0, 4), data: checked.subarray(4) };
    at = end + 4;
  }
}

function unfiltered(lines: Uint8Array, width: number, height: number): Uint8Array {
  const rowBytes = width * BYTES_PER_POINT;
  const colours = new Uint8Array(height * rowBytes);
  for (let row = 0; row < height; row++) {
    const [filter = -1, ...line] = lines.subarray(row * (1 + rowBytes), (row + 1) * (1 + rowBytes));
    if (filter > 1) throw new Error(`filter ${filter} in row ${row}`);
    for (const [i, byte] of line.entries()) {
      const left = filter === 1 && i >= BYTES_PER_POINT ? colours[row * rowBytes + i - BYTES_PER_POINT]! : 0;
      colours[row * rowBytes + i] = byte + left;
    }
  }
  return colours;
}
