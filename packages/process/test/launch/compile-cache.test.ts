import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeChild } from '@mp/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { compileCache } from '../../src/launch/compile-cache.ts';

let temporary: string;
let folder: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'mp-test-'));
  folder = join(temporary, `mp-compile-cache-${process.geteuid?.()}`);
  for (const name of ['NODE_COMPILE_CACHE', 'NODE_DISABLE_COMPILE_CACHE', 'NODE_V8_COVERAGE'])
    vi.stubEnv(name, undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

test('what is compiled is kept in a folder that nobody else can look or write into', () => {
  expect(compileCache(temporary)).toBe(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a folder that others can write into is not used', () => {
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  expect(compileCache(temporary)).toBe('');
});

test('a link in its place is not followed', () => {
  mkdirSync(join(temporary, 'elsewhere'), { mode: 0o700 });
  symlinkSync(join(temporary, 'elsewhere'), folder);
  expect(compileCache(temporary)).toBe('');
});

test('children do without where there is no place to write to', () => {
  expect(compileCache('/proc/nowhere')).toBe('');
});

test.each(['NODE_COMPILE_CACHE', 'NODE_DISABLE_COMPILE_CACHE', 'NODE_V8_COVERAGE'])(
  'a user who has set %s is left alone',
  (name) => {
    vi.stubEnv(name, '1');
    expect(compileCache(temporary)).toBe('');
  },
);

test('children keep there what they have compiled, and do not see it among their arguments', async () => {
  const program = new URL('../fixtures/programs/compile-cache.ts', import.meta.url);
  const env = { TMPDIR: temporary };
  expect(await nodeChild(program, { env })).toMatchObject({ stdout: '[]\n', code: 0 });
  const [version] = readdirSync(folder);
  expect(readdirSync(join(folder, version as string)).length).toBeGreaterThan(10);
});
