import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainModule } from '@mp/process';
import { checkLeaks, nodeChild } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isImportedMain } from './fixtures/imported.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

const program = (name: string): string => fileURLToPath(new URL(`./fixtures/programs/${name}`, import.meta.url));

/** With fork nothing is imported. */
describe.each(startMethods.filter((method) => method !== 'fork'))('by %s', (method) => {
  test.each(['await', 'sync', 'then'])(
    'a program without a guard starts one child, which is told why it may not go on (%s)',
    async (form) => {
      const { stdout, stderr, code } = await nodeChild(program('unguarded.ts'), { args: [form, method] });
      // A promise that nobody looks at has the error, too; but the target comes before that is noticed.
      const lines = stdout.split('\n').filter((line) => form !== 'then' || line !== 'Bob works');
      expect(lines).toEqual(['the program begins', 'the program begins', 'Bob ended with 1: BootstrappingError', '']);
      expect(stderr).toMatch(/^Process Bob:\n/);
      expect(stderr.match(/^Process /gm)).toHaveLength(1);
      expect(stderr).toContain('A process was started while this child process was still importing the modules');
      expect(stderr).toContain('if (import.meta.main)');
      expect(stderr).toContain('ERR_MP_BOOTSTRAPPING');
      expect(code).toBe(0);
    },
  );

  test.skipIf(method !== 'spawn')(
    'no function of a program without a guard runs before the program itself has',
    async () => {
      const { stdout, code } = await nodeChild(program('unguarded-plain.ts'));
      expect(stdout).toBe('ended with 1: BootstrappingError\n');
      expect(code).toBe(0);
    },
  );

  test('a guarded program is imported by its child, and is not the main module there', async () => {
    const { stdout, stderr, code } = await nodeChild(program('guarded.ts'), { args: [method] });
    expect(stdout.split('\n')).toEqual([
      'the program begins, main: true, imported: false',
      'the program begins, main: false, imported: false',
      'Bob works, main: false, imported: false',
      'Bob ended with 0',
      '',
    ]);
    expect([stderr, code]).toEqual(['', 0]);
  });

  test('a program that is called by another name for its file is guarded as well', async () => {
    const link = join(mkdtempSync(join(tmpdir(), 'link-')), 'another-name.ts');
    symlinkSync(program('guarded.ts'), link);
    const { stdout, code } = await nodeChild(link, { args: [method] });
    expect(stdout).toContain('the program begins, main: true, imported: false\n');
    expect(stdout).toContain('Bob works, main: false, imported: false\nBob ended with 0\n');
    expect(code).toBe(0);
  });

  test('a program of CommonJS is guarded as everywhere', async () => {
    const { stdout, stderr, code } = await nodeChild(program('legacy.cjs'), { args: [method] });
    expect(stdout).toBe(
      'the program begins, main: true\nthe program begins, main: false\nBob works, main: false\nBob ended with 0\n',
    );
    expect([stderr, code]).toEqual(['', 0]);
  });

  test('a program of which the child needs nothing is not imported by it, and needs no guard', async () => {
    const { stdout, code } = await nodeChild(program('elsewhere.mjs'), { args: [method] });
    expect(stdout).toBe('the program begins\nBob ended with 7\n');
    expect(code).toBe(0);
  });
});

describe('isMainModule', () => {
  test('is false in a module that was imported', () => {
    expect(isMainModule(import.meta)).toBe(false);
    expect(isImportedMain()).toBe(false);
  });

  describe('where Node does not tell by itself', () => {
    /** As `import.meta` was before Node 24.2. */
    const metaOf = (path: string): ImportMeta => ({ url: pathToFileURL(path).href }) as ImportMeta;

    /** The program, as it was called. */
    function startedAs(...argv: string[]): void {
      const before = process.argv;
      process.argv = [process.execPath, ...argv];
      onTestFinished(() => {
        process.argv = before;
      });
    }

    /** A folder with a program in it. */
    function folder(): string {
      const path = mkdtempSync(join(tmpdir(), 'program-'));
      onTestFinished(() => rmSync(path, { recursive: true }));
      cpSync(program('elsewhere.mjs'), join(path, 'index.js'));
      return path;
    }

    test('goes by the file that was given to node', () => {
      startedAs(program('guarded.ts'));
      expect(isMainModule(metaOf(program('guarded.ts')))).toBe(true);
      expect(isMainModule(metaOf(program('unguarded.ts')))).toBe(false);
    });

    test('knows a program without its extension, and one that is a folder', () => {
      const path = folder();
      for (const name of [join(path, 'index.js'), join(path, 'index'), path, `${path}/`]) {
        startedAs(name);
        expect(isMainModule(metaOf(join(path, 'index.js')))).toBe(true);
        expect(isMainModule(metaOf(join(path, 'other.js')))).toBe(false);
      }
    });

    test('is false for a program without a file', () => {
      for (const argv of [[], ['-'], ['/nowhere/at/all.ts'], ['with-an-argument']]) {
        startedAs(...argv);
        expect(isMainModule(metaOf(program('guarded.ts')))).toBe(false);
      }
    });
  });
});
