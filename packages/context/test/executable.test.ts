import { checkLeaks } from '@mp/testing';
import { afterEach, expect, test } from 'vitest';
import { getExecutable, setExecutable } from '../src/index.ts';

checkLeaks();

afterEach(() => setExecutable(undefined));

test('children run the program that runs this process, unless told otherwise', () => {
  expect(getExecutable()).toBe(process.execPath);
  setExecutable('/opt/node');
  expect(getExecutable()).toBe('/opt/node');
  setExecutable(new URL('file:///opt/other%20node'));
  expect(getExecutable()).toBe('/opt/other node');
  setExecutable(undefined);
  expect(getExecutable()).toBe(process.execPath);
});

test('what is no path is refused', () => {
  expect(() => setExecutable(7 as never)).toThrow(TypeError);
  expect(getExecutable()).toBe(process.execPath);
});
