import { Readable } from 'node:stream';
import { activeChildren } from '@mp/multiprocessing';
import { expect, test } from 'vitest';
import { drawBand } from '../../src/mandelbrot/band.ts';
import { escapeTime } from '../../src/mandelbrot/escape.ts';
import { bandsOf, drawMandelbrot } from '../../src/mandelbrot/mandelbrot.ts';
import { pngOf } from '../../src/mandelbrot/png.ts';
import { imaginaryAt, realAt } from '../../src/mandelbrot/view.ts';
import { readPng } from '../../src/scenarios/modules/read-png.ts';
import { checkNothingLeft } from '../nothing-left.ts';

checkNothingLeft();

/** By the definition, with nothing known beforehand. */
function isMember(re: number, im: number, iterations: number): boolean {
  let [x, y] = [0, 0];
  for (let step = 0; step < iterations; step++) {
    [x, y] = [x * x - y * y + re, 2 * x * y + im];
    if (x * x + y * y > 2 ** 16) return false;
  }
  return true;
}

test('black are the members of the set, and nothing else; the picture is the same upside down', async () => {
  const view = { width: 90, height: 61, iterations: 200 };
  const { png, members, workers } = await drawMandelbrot(view, { workers: 2 });
  const { width, height, colours } = readPng(Buffer.concat(png));
  expect([width, height, workers]).toEqual([90, 61, 2]);

  const at = (row: number, column: number) =>
    colours.subarray((row * width + column) * 3, (row * width + column) * 3 + 3);
  const wrong: string[] = [];
  let black = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const isBlack = at(row, column).every((colour) => colour === 0);
      if (isBlack) black++;
      const belongs = isMember(realAt(view, column), imaginaryAt(view, row), view.iterations);
      if (isBlack !== belongs) wrong.push(`${row}, ${column}`);
      if (`${at(row, column)}` !== `${at(height - 1 - row, column)}`) wrong.push(`${row}, ${column} upside down`);
    }
  }
  expect(wrong).toEqual([]);
  expect(members).toBe(black);
  expect(members).toBeGreaterThan(900);
});

test('what is known of the set is found: its middle, its antenna, and who leaves it when', () => {
  for (const [re, im] of [
    [0, 0],
    [-1, 0],
    [0.25, 0],
    [-2, 0],
    [0, 1],
    [-1.25, 0],
  ] as const) {
    expect(escapeTime(re, im, 10_000)).toBe(Number.POSITIVE_INFINITY);
  }
  // 1, 2, 5, 26, 677: the first beyond 256 is the fifth.
  expect(Math.ceil(escapeTime(1, 0, 10_000))).toBe(5);
  expect(escapeTime(1, 0, 4)).toBe(Number.POSITIVE_INFINITY);
  expect(escapeTime(0.3, 0, 10_000)).toBeGreaterThan(escapeTime(0.5, 0, 10_000));
});

test.each([
  [1, 1],
  [1600, 1200],
  [32_768, 3],
  [7, 32_768],
])('each row of a picture of %d × %d points is in one band', (width, height) => {
  const bands = bandsOf({ width, height, iterations: 1 });
  expect(bands[0]?.from).toBe(0);
  for (const [i, { from, to }] of bands.entries()) {
    expect(to).toBeGreaterThan(from);
    expect(to).toBe(bands[i + 1]?.from ?? height);
  }
});

test('a worker that is killed in the middle costs nothing', async () => {
  const view = { width: 400, height: 300, iterations: 2000 };
  const alone = drawBand(view, { from: 0, to: view.height });
  const victims: (number | undefined)[] = [];
  const kill = (): void => {
    const [worker] = activeChildren();
    if (victims.length > 0 || worker === undefined) return;
    victims.push(worker.pid);
    worker.kill();
  };
  const { png, members } = await drawMandelbrot(view, { workers: 1, onProgress: kill });
  expect(victims).toHaveLength(1);
  expect(members).toBe(alone.members);
  const expected = await pngOf(view.width, view.height, Readable.from([alone.lines]));
  expect(Buffer.compare(readPng(Buffer.concat(png)).colours, readPng(Buffer.concat(expected)).colours)).toBe(0);
});
