import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { activeChildren } from '@mp/multiprocessing';
import { expect, test } from 'vitest';
import { findTree, textOf } from '../../src/hash/find-tree.ts';
import { type Hashed, hashFolder } from '../../src/hash/hash.ts';
import { hashFile } from '../../src/hash/hash-file.ts';
import { sumLine } from '../../src/hash/sum-line.ts';
import { checkNothingLeft } from '../nothing-left.ts';
import { TemporaryFolder } from '../temporary-folder.ts';

checkNothingLeft();

async function hashed(
  folder: string,
  options: { readonly onPrint?: () => void; readonly onProgress?: () => void; readonly ahead?: number } = {},
): Promise<Hashed & { readonly text: Buffer }> {
  const lines: Buffer[] = [];
  const print = async (text: Buffer): Promise<void> => {
    lines.push(text);
    options.onPrint?.();
  };
  const { ahead, onProgress } = options;
  const result = await hashFolder(folder, { workers: 1, print, ahead, onProgress });
  return { ...result, text: Buffer.concat(lines) };
}

test('what is printed is what sha256sum prints, byte for byte, whatever files are called', async () => {
  const folder = new TemporaryFolder({
    'a-b/x': 'between a and a/',
    'a/x': 'x',
    'a/deep/er/y': Buffer.alloc(600_000, 7),
    '.hidden': '',
    'two words': 'w',
    'back\\slash': 'b',
    'line\nfeed': 'l',
    größer: 'g',
  });
  writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.of(0xff, 0xfe)]), 'no text');
  symlinkSync('a/x', folder.at('link'));
  symlinkSync('..', folder.at('a/up'));
  mkdirSync(folder.at('empty'));
  const theirs = execFileSync('sh', [
    '-c',
    'find "$0" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum',
    folder.path,
  ]);
  const { text, files, bytes, failures } = await hashed(folder.path);
  expect(text.toString('latin1')).toBe(theirs.toString('latin1'));
  expect({ files, bytes, failures }).toEqual({ files: 9, bytes: 600_000 + 28, failures: [] });
});

test('a name with a carriage return is written as a new sha256sum writes it', () => {
  expect(sumLine('5a', 'a\rb\\c')).toBe('\\5a  a\\rb\\\\c\n');
  expect(sumLine('5a', 'a b')).toBe('5a  a b\n');
});

test('a file that vanishes before its turn is named, and the others have their sums', async () => {
  const folder = new TemporaryFolder();
  const names = Array.from({ length: 400 }, (_, i) => folder.at(String(i).padStart(3, '0')));
  for (const name of names) writeFileSync(name, '');
  const last = names.at(-1) as string;
  // Workers are not further ahead of what was printed than this, so they have not come to the last one.
  const { text, files, failures } = await hashed(folder.path, {
    ahead: 16,
    onPrint: () => rmSync(last, { force: true }),
  });
  expect(files).toBe(399);
  expect(failures).toEqual([{ path: last, why: 'ENOENT' }]);
  expect(
    text
      .toString()
      .split('\n')
      .slice(0, -1)
      .map((line) => line.slice(66)),
  ).toEqual(names.slice(0, -1));
});

test('what takes the place of a file is neither followed nor waited for', () => {
  const folder = new TemporaryFolder({ file: 'x' });
  execFileSync('mkfifo', [folder.at('pipe')]);
  symlinkSync('file', folder.at('link'));
  expect(hashFile(folder.at('file')).bytes).toBe(1);
  expect(() => hashFile(folder.at('pipe'))).toThrow('not a regular file');
  expect(() => hashFile(folder.path)).toThrow('not a regular file');
  expect(() => hashFile(folder.at('link'))).toThrow('ELOOP');
});

test('a worker that is killed in the middle costs nothing', async () => {
  const folder = new TemporaryFolder();
  for (let i = 0; i < 200; i++) writeFileSync(folder.at(`${i}`), `${i}`);
  const { paths } = await findTree(folder.path);
  const sums = paths.map((path) => sumLine(hashFile(path).sha256, path));
  let killed = 0;
  const { text, failures } = await hashed(folder.path, {
    onProgress: () => {
      if (killed++ === 0) activeChildren()[0]?.kill();
    },
  });
  expect(killed).toBeGreaterThan(1);
  expect(failures).toEqual([]);
  expect(text.toString()).toBe(sums.join(''));
});

test('a tree is found without what is no file, and a folder that is not there is an error', async () => {
  const folder = new TemporaryFolder({ b: '', 'a/c': '' });
  const { paths, skipped } = await findTree(folder.path);
  expect(paths.map(textOf)).toEqual([folder.at('a/c'), folder.at('b')]);
  expect(skipped).toEqual([]);
  expect((await findTree(`${folder.path}/`)).paths).toEqual(paths);
  await expect(hashFolder(folder.at('nowhere'), { print: async () => {} })).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(hashFolder(folder.at('b'), { print: async () => {} })).rejects.toMatchObject({ code: 'ENOTDIR' });
});
