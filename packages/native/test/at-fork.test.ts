// @module-tag every-node
import { expect, test } from 'vitest';
import { atFork, withForkHooks } from '../src/at-fork.ts';

const seen: string[] = [];
const notes = (name: string) => ({
  prepare: () => void seen.push(`prepare ${name}`),
  parent: () => void seen.push(`parent ${name}`),
  child: () => void seen.push(`child ${name}`),
});
atFork(notes('first'));
atFork(notes('second'));
atFork({});

test('hooks run around a fork: backwards before it, forwards after it, and each in its process', () => {
  expect(withForkHooks(() => 17)).toBe(17);
  expect(seen.splice(0)).toEqual(['prepare second', 'prepare first', 'parent first', 'parent second']);
  expect(withForkHooks(() => 0)).toBe(0);
  expect(seen.splice(0)).toEqual(['prepare second', 'prepare first', 'child first', 'child second']);
});

test('a fork that fails leaves the parent as it was', () => {
  expect(() =>
    withForkHooks(() => {
      throw new Error('EAGAIN');
    }),
  ).toThrow('EAGAIN');
  expect(seen.splice(0)).toEqual(['prepare second', 'prepare first', 'parent first', 'parent second']);
});
