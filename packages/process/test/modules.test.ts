import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { callable, UnpicklingError } from '@mp/reduction';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { triple as tripleThatAwaits } from './fixtures/modules/awaits-when-imported.ts';
import { target as exitsWhenImported } from './fixtures/modules/exits-when-imported.ts';
import { multiply } from './fixtures/modules/multiply.ts';
import { target as neverImported } from './fixtures/modules/never-imported.ts';
import { registered } from './fixtures/modules/registers.ts';
import { target as spinsWhenImported } from './fixtures/modules/spins-when-imported.ts';
import { target as throwsWhenImported } from './fixtures/modules/throws-when-imported.ts';
import unnamed, { triple } from './fixtures/modules/typed.ts';
import { quiet } from './fixtures/quiet.ts';
import { inChild } from './in-child.ts';
import { ended, running } from './running.ts';
import { startMethods } from './start-methods.ts';
import { legacy, script } from './untyped-fixtures.ts';

checkLeaks();

/** What is said of children by fork would be true of no import. */
const importing = startMethods.filter((method) => method !== 'fork');

describe.each(startMethods)('by %s the target may be', (method) => {
  test.each([
    ['an exported function of TypeScript', triple],
    ['a default export without a name', unnamed],
    ['a function of an ES module', script.triple],
    ['a static method', script.default.triple],
    ['a function in an exported object', script.tools.triple],
    ['a function of CommonJS', legacy.triple],
    ['a function of a module with top-level await', tripleThatAwaits],
    ['a callable', callable(multiply, 3)],
    ['a registered function, which is not exported', registered.get()],
  ])('%s', async (_, target) => {
    expect(await inChild(method, target, [14])).toBe(42);
  });

  test('a function of Node', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'written-')), 'by-the-child');
    expect((await ended(method, { target: writeFileSync, args: [path, 'hello'] })).exitCode).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('hello');
  });
});

describe.each(importing)('by %s', (method) => {
  test('a module that throws while it is imported ends the child, and the parent is told why', async () => {
    const child = await ended(method, { target: quiet, args: [throwsWhenImported, []] });
    expect(child.exitCode).toBe(1);
    expect(child.error).toBeInstanceOf(UnpicklingError);
    expect(child.error).toMatchObject({
      message: expect.stringContaining('throws-when-imported.ts'),
      cause: expect.objectContaining({ name: 'RangeError', message: 'this module does not want to be imported' }),
    });
    expect((child.error as Error).cause).toBeInstanceOf(RangeError);
  });

  test('a module that exits while it is imported ends the child with its exit code', async () => {
    const child = await ended(method, { target: exitsWhenImported });
    expect(child.exitCode).toBe(13);
    expect(child.error).toBeUndefined();
  });

  test.each([
    ['that awaits for ever', neverImported],
    ['that spins', spinsWhenImported],
  ])('a child with a module %s is alive, and can be terminated', async (_, target) => {
    const child = await running(method, { target });
    expect(await child.join({ timeout: 1 })).toBe(false);
    expect(child.isAlive()).toBe(true);
    child.terminate();
    await child.join();
    expect(child.exitCode).toBe(-constants.signals.SIGTERM);
  });

  describe('a function that the child cannot find ends it with an error and not another function', () => {
    async function imported(source: string): Promise<{ path: string; target: (x: number) => void }> {
      const path = join(mkdtempSync(join(tmpdir(), 'module-')), 'target.mjs');
      writeFileSync(path, source);
      const { target } = (await import(pathToFileURL(path).href)) as { target: (x: number) => void };
      return { path, target };
    }

    test('because its file is gone', async () => {
      const { path, target } = await imported('export const target = () => {};');
      rmSync(path);
      const child = await ended(method, { target: quiet, args: [target, [1]] });
      expect(child.exitCode).toBe(1);
      expect(child.error).toBeInstanceOf(UnpicklingError);
      expect(child.error).toMatchObject({ message: expect.stringContaining('target.mjs') });
    });

    test('because the file has changed', async () => {
      const { path, target } = await imported('export const target = () => {};');
      writeFileSync(path, 'export const target = () => process.exit(99);');
      const child = await ended(method, { target: quiet, args: [target, [1]] });
      expect(child.exitCode).toBe(1);
      expect(child.error).toMatchObject({ message: expect.stringContaining('the same version of the file') });
    });
  });
});
