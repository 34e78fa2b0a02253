import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { bytesIn, memoryOf } from '../src/memory.ts';

checkLeaks();

const ROLLUP = `56301780f000-7ffe1e5a8000 ---p 00000000 00:00 0                          [rollup]
Rss:               55400 kB
Pss:               18400 kB
Pss_Dirty:         11200 kB
`;

test('the shares of shared pages are told from the pages that are resident', () => {
  expect(bytesIn(ROLLUP, 'Pss')).toBe(18_400 * 1024);
  expect(bytesIn(ROLLUP, 'Rss')).toBe(55_400 * 1024);
});

test('a line that is not there is an error and not nothing', () => {
  expect(() => bytesIn(ROLLUP, 'Swap')).toThrow('smaps_rollup has no line Swap.');
});

test('a process occupies at least what is its own, and at most what is resident', () => {
  const { pss, rss } = memoryOf(process.pid);
  expect(pss).toBeGreaterThan(2 ** 20);
  expect(rss).toBeGreaterThanOrEqual(pss);
});
