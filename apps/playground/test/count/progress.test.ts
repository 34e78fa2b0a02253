import { expect, test } from 'vitest';
import { Progress } from '../../src/count/progress.ts';

function shown(isTTY: boolean, total: number, steps: readonly number[]): string[] {
  const written: string[] = [];
  const progress = new Progress({ isTTY, write: (text) => written.push(text) }, total, 'files');
  for (const step of steps) progress.advance(step);
  return written;
}

test('a terminal shows one line that fills up', () => {
  const written = shown(true, 4, [1, 2, 1]);
  expect(written).toEqual([
    `\r${'█'.repeat(10)}${'░'.repeat(30)}  25 %  1 of 4 files`,
    `\r${'█'.repeat(30)}${'░'.repeat(10)}  75 %  3 of 4 files`,
    `\r${'█'.repeat(40)} 100 %  4 of 4 files\n`,
  ]);
});

test('elsewhere there is a line for each tenth, and one at the end', () => {
  const written = shown(
    false,
    1000,
    Array.from({ length: 1000 }, () => 1),
  );
  expect(written).toHaveLength(10);
  expect(written[0]).toBe(' 10 %  100 of 1000 files\n');
  expect(written.at(-1)).toBe('100 %  1000 of 1000 files\n');
  expect(shown(false, 3, [3])).toEqual(['100 %  3 of 3 files\n']);
});
