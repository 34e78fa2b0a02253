import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { pngOf } from '../../src/mandelbrot/png.ts';
import { readPng } from '../../src/scenarios/modules/read-png.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('what was written can be read, wherever the lines are cut', async () => {
  const [width, height] = [100, 300];
  const lines = randomBytes(height * (1 + width * 3));
  for (let row = 0; row < height; row++) lines[row * (1 + width * 3)] = 0;
  for (const size of [1000, 301, lines.length]) {
    const read = readPng(Buffer.concat(await pngOf(width, height, inPieces(lines, size))));
    expect([read.width, read.height]).toEqual([width, height]);
    const points = lines.filter((_, i) => i % (1 + width * 3) > 0);
    expect(Buffer.compare(read.colours, points)).toBe(0);
  }
});

test('a file that was changed anywhere is not taken for a picture', async () => {
  const file = Buffer.concat(await pngOf(2, 1, inPieces(Buffer.from([0, 1, 2, 3, 4, 5, 6]), 7)));
  expect(readPng(file).colours).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
  for (let at = 0; at < file.length; at++) {
    const changed = Buffer.from(file);
    changed[at]! ^= 1;
    expect(() => readPng(changed), `byte ${at}`).toThrow();
  }
});

test('what the lines throw ends it', async () => {
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(7);
    throw new Error('no more');
  };
  await expect(pngOf(2, 2, failing())).rejects.toThrow('no more');
});
