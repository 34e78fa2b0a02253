import { describe, expect, test } from 'vitest';
import { WordCounter } from '../../src/count/words.ts';

/** The words of a text that comes in these pieces, in the order in which they came first, with their counts. */
function words(...pieces: readonly string[]): Record<string, number> {
  const counter = new WordCounter();
  for (const piece of pieces) counter.add(piece);
  counter.end();
  const counts = Object.fromEntries(counter.counts);
  expect(counter.total).toBe(Object.values(counts).reduce((sum, count) => sum + count, 0));
  return counts;
}

describe('a word', () => {
  test.each<[text: string, counts: Record<string, number>]>([
    ['', {}],
    ['one Two TWO', { one: 1, two: 2 }],
    ["it's its 'quoted' it’s", { "it's": 2, its: 1, quoted: 1 }],
    ['snake_case _private x2 2x 42 3.14', { snake_case: 1, private: 1, x2: 1, '2x': 1 }],
    ['pool.map(f, xs);', { pool: 1, map: 1, f: 1, xs: 1 }],
    ['Größe größe ÉCOLE 東京 словарь', { größe: 2, école: 1, 東京: 1, словарь: 1 }],
    ['cafe\u0301', { 'cafe\u0301': 1 }],
    ['\u{1F600} \u{10428}x', { '\u{10428}x': 1 }],
    ['__proto__ constructor', { proto: 1, constructor: 1 }],
  ])('is found in %j', (text, counts) => {
    expect(words(text)).toEqual(counts);
  });

  test('that is too long is data, and not counted, however it comes', () => {
    const data = 'x'.repeat(1000);
    const expected = { a: 1, b: 1 };
    expect(words(`a ${data} b`)).toEqual(expected);
    expect(words(`a ${data}`, data, `${data} b`)).toEqual(expected);
    expect(words('a ', ...data, ' ', 'b')).toEqual(expected);
    expect(words(`a ${data}`)).toEqual({ a: 1 });
    expect(words(data, ' a b')).toEqual(expected);
    expect(words('x'.repeat(200))).toEqual({ ['x'.repeat(200)]: 1 });
    expect(words('x'.repeat(201))).toEqual({});
  });
});

test('a text has the same words wherever it is cut', () => {
  const text = `The quick brown-fox's tail_end: «Größe» it’s 42 ${'y'.repeat(300)} \u{10428}\u{10429} end`;
  const whole = words(text);
  const points = [...text];
  for (let first = 0; first <= points.length; first += 1) {
    for (let second = first; second <= points.length; second += 7) {
      const pieces = [points.slice(0, first), points.slice(first, second), points.slice(second)];
      expect(words(...pieces.map((piece) => piece.join('')))).toEqual(whole);
    }
  }
});
