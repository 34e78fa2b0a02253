import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkLeaks } from '@mp/testing';
import { afterAll, expect, test } from 'vitest';
import { AbortError, brandError, ClosedError, ProcessError, TimeoutError } from '../src/index.ts';

checkLeaks();

// A second copy of the package, as two installed versions would be.
const elsewhere = mkdtempSync(join(tmpdir(), 'mp-errors-'));
cpSync(fileURLToPath(new URL('../src', import.meta.url)), elsewhere, { recursive: true });
const copy: typeof import('../src/index.ts') = await import(pathToFileURL(join(elsewhere, 'index.ts')).href);
afterAll(() => rmSync(elsewhere, { recursive: true }));

test('an error of another copy of the package is recognised', () => {
  const error = new copy.TimeoutError('late', { timeout: 5 });
  expect(error.constructor).not.toBe(TimeoutError);
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toBeInstanceOf(ProcessError);
  expect(error).not.toBeInstanceOf(ClosedError);
});

test('a class of the user derived from ours is recognised by its own prototype only', () => {
  class Mine extends TimeoutError {}
  expect(new Mine('m', { timeout: 1 })).toBeInstanceOf(Mine);
  expect(new Mine('m', { timeout: 1 })).toBeInstanceOf(TimeoutError);
  expect(new TimeoutError('m', { timeout: 1 })).not.toBeInstanceOf(Mine);
});

test('a class with a brand of its own is recognised in every copy of itself', () => {
  const make = () => {
    class LostError extends ProcessError {}
    brandError(LostError, 'LostError');
    return LostError;
  };
  const [One, Two] = [make(), make()];
  expect(new One('x')).toBeInstanceOf(Two);
  expect(new One('x').name).toBe('LostError');
});

test('instanceof says false for everything that is not an object', () => {
  for (const value of [undefined, null, 1, 'TimeoutError', Symbol.iterator]) {
    expect((value as unknown) instanceof ProcessError).toBe(false);
  }
});

test('every error has a name, a stable code and the cause that it was given', () => {
  const cause = new Error('first');
  expect(new AbortError('stopped', { cause })).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause });
  expect(new TimeoutError('late', { timeout: 7 })).toMatchObject({ code: 'ERR_MP_TIMEOUT', timeout: 7 });
  expect(Object.keys(new ClosedError('closed'))).toEqual(['code']);
  expect('cause' in new ClosedError('closed')).toBe(false);
});
