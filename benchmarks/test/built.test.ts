import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { notBuilt } from '../src/built.ts';

checkLeaks();

test('sources are not measured in the place of what is published', () => {
  // The tests run from the sources, so this is what is found here.
  expect(notBuilt()).toMatch(/@mp\/connection is .*\/src\/index\.ts, which is not what is published/);
});

test('packages that are not built are named', () => {
  expect(notBuilt(() => 'file:///nowhere/dist/index.js', ['@mp/pool'])).toMatch(/^@mp\/pool is not built/);
});

test('built packages may be measured', () => {
  const folder = join(tmpdir(), 'dist');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.js'), '');
  expect(notBuilt(() => pathToFileURL(join(folder, 'index.js')).href, ['@mp/pool'])).toBeUndefined();
});
