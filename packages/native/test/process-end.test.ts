import { existsSync } from 'node:fs';
import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';
import { addonFile } from '../src/index.ts';

checkLeaks();

test('exitNow ends the process with that code, and no listener is told', async () => {
  const code = `
    import { exitNow } from '../src/index.ts';
    process.on('exit', () => console.log('told'));
    exitNow(7);`;
  expect(await nodeChild({ code })).toMatchObject({ stdout: '', stderr: '', code: 7 });
});

test('a library that is loaded is counted', async () => {
  const code = `
    import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
    import { addonFile, countLibraries } from '../src/index.ts';
    const folder = mkdtempSync('/tmp/mp-library-');
    const before = countLibraries();
    copyFileSync(addonFile(), folder + '/other.node');
    process.dlopen({ exports: {} }, folder + '/other.node');
    rmSync(folder, { recursive: true });
    console.log(countLibraries() - before);`;
  expect((await nodeChild({ code })).stdout).toBe('1\n');
});

test('the file of the addon is there', () => {
  expect(existsSync(addonFile())).toBe(true);
});
