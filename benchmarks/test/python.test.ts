import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { newestPython, pythonFolders } from '../src/python.ts';

checkLeaks();

/** A folder with a program that answers as a Python of that version would. */
function folderWith(name: string, program: string, version: string, final = true): string {
  const folder = join(tmpdir(), name);
  mkdirSync(folder, { recursive: true });
  const executable = join(folder, program);
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  const answer = JSON.stringify({ executable, version, parts, final });
  writeFileSync(executable, `#!/bin/sh\necho '${answer}'\n`);
  chmodSync(executable, 0o755);
  return folder;
}

/** A folder with a program that is no Python that could be used. */
function folderWithBroken(name: string): string {
  const folder = folderWith(name, 'python3', '9.9.9');
  writeFileSync(join(folder, 'python3'), '#!/bin/sh\necho "pyenv: version not installed" >&2\nexit 127\n');
  return folder;
}

test('the newest version is taken, wherever it is: 3.10 is newer than 3.9', async () => {
  const folders = [
    folderWith('a', 'python3', '3.9.18'),
    folderWith('b', 'python3', '3.10.1'),
    folderWith('c', 'python3', '3.8.2'),
  ];
  expect((await newestPython(folders))?.version).toBe('3.10.1');
});

test('programs with a version in their name count too, and others do not', async () => {
  const folder = folderWith('named', 'python3.12', '3.12.1');
  folderWith('named', 'python3', '3.11.7');
  folderWith('named', 'python3-config', '3.99.0');
  expect((await newestPython([folder]))?.version).toBe('3.12.1');
});

test('what cannot be run, or has no multiprocessing, is passed over', async () => {
  const folders = [folderWithBroken('broken'), folderWith('good', 'python3', '3.11.2'), join(tmpdir(), 'nowhere')];
  expect((await newestPython(folders))?.version).toBe('3.11.2');
});

test('a version that is not finished yet does not count as newer', async () => {
  const folders = [folderWith('next', 'python3', '3.15.0', false), folderWith('stable', 'python3', '3.14.0')];
  expect((await newestPython(folders))?.version).toBe('3.14.0');
});

test('where there is none, there is none', async () => {
  expect(await newestPython([join(tmpdir(), 'nowhere')])).toBeUndefined();
});

test('the PATH is searched, every version of pyenv, and where systems keep theirs', () => {
  const home = join(tmpdir(), 'home');
  mkdirSync(join(home, '.pyenv/versions/3.13.0'), { recursive: true });
  expect(pythonFolders('/opt/a:/opt/b', home)).toEqual([
    '/opt/a',
    '/opt/b',
    join(home, '.pyenv/versions/3.13.0/bin'),
    '/usr/bin',
  ]);
});
