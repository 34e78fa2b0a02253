import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { activeChildren, type Process, type Progress, WorkerLostError } from '@mp/multiprocessing';
import { until } from '@mp/testing';
import { expect, test } from 'vitest';
import { countFolder } from '../../src/count/count.ts';
import { countFiles } from '../../src/count/count-files.ts';
import type { Sum } from '../../src/count/tally.ts';
import { checkNothingLeft } from '../nothing-left.ts';
import { TemporaryFolder } from '../temporary-folder.ts';

checkNothingLeft();

/** Node cannot make one, but POSIX has a program for it. Whoever opens it to read waits until somebody writes. */
const MAKE_FIFO = 'mkfifo';
const PACKAGES = fileURLToPath(new URL('../../../../packages/', import.meta.url));

/** The same in one process, all of a file at once, and by other means. */
function countAlone(root: string): { files: number; words: number; counts: Map<string, number> } {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(md|ts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/(node_modules|dist|build|\.turbo|prebuilds|coverage)\//.test(`/${relative(root, path)}`));
  const counts = new Map<string, number>();
  let words = 0;
  for (const path of paths) {
    for (const run of readFileSync(path, 'utf8').split(/[^\p{L}\p{M}\p{N}'’_]+/u)) {
      if (run.length > 200 || !/\p{L}/u.test(run)) continue;
      const word = run.replace(/^['’_]*(.*?)['’_]*$/, '$1').replaceAll('’', "'");
      counts.set(word.toLowerCase(), (counts.get(word.toLowerCase()) ?? 0) + 1);
      words++;
    }
  }
  return { files: paths.length, words, counts };
}

const skippedIn = (root: string, { skipped }: Sum): Record<string, string> =>
  Object.fromEntries(skipped.map(({ path, why }) => [relative(root, path), why]));

test('a pool counts what one process alone counts', async () => {
  // A copy: others may be at work on the packages while we count.
  const folder = new TemporaryFolder();
  for (const name of ['connection', 'reduction', 'pool']) {
    for (const file of readdirSync(join(PACKAGES, name, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) folder.write(`${name}/${file}`, readFileSync(join(PACKAGES, name, 'src', file)));
    }
  }
  folder.write('node_modules/other/index.ts', 'not ours');
  const alone = countAlone(folder.path);
  const { sum, failures } = await countFolder(folder.path, { workers: 3 });
  expect(failures).toEqual([]);
  expect(sum.skipped).toEqual([]);
  expect({ files: sum.files, words: sum.words }).toEqual({ files: alone.files, words: alone.words });
  expect(sum.counts).toEqual(alone.counts);
  expect(alone.words).toBeGreaterThan(10_000);
});

test('words are counted over all files, and the most frequent come first', async () => {
  const folder = new TemporaryFolder({
    'a.md': 'the cat and the dog',
    'deep/er/b.ts': 'const the = "cat";',
    'C.MD': 'The end',
    'd.txt': 'the the the',
    'node_modules/x/e.ts': 'the',
    'dist/f.ts': 'the',
  });
  const { sum } = await countFolder(folder.path, { workers: 2 });
  expect(sum.files).toBe(3);
  expect(sum.words).toBe(10);
  expect(sum.top(3)).toEqual([
    ['the', 4],
    ['cat', 2],
    ['and', 1],
  ]);
});

test('a folder without such files has no words', async () => {
  const folder = new TemporaryFolder({ 'readme.txt': 'not counted' });
  const { sum, failures } = await countFolder(folder.path);
  expect({ files: sum.files, words: sum.words, top: sum.top(10), failures }).toEqual({
    files: 0,
    words: 0,
    top: [],
    failures: [],
  });
});

test('links are not followed, so that circles end', async () => {
  const folder = new TemporaryFolder({ 'a/a.md': 'one', 'b/b.md': 'two' });
  symlinkSync('..', folder.at('a/up'));
  symlinkSync('../b', folder.at('a/b'));
  symlinkSync('loop.md', folder.at('loop.md'));
  symlinkSync('nowhere.md', folder.at('dangling.md'));
  symlinkSync('a/a.md', folder.at('again.md'));
  const { sum } = await countFolder(folder.path, { workers: 1 });
  expect(sum.words).toBe(2);
  expect(skippedIn(folder.path, sum)).toEqual({
    'loop.md': 'a symbolic link',
    'dangling.md': 'a symbolic link',
    'again.md': 'a symbolic link',
  });
});

test('what is no text is named, and not counted, wherever in the file it shows', async () => {
  const junk = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256);
  const text = Buffer.from('word '.repeat(100_000));
  const folder = new TemporaryFolder({
    'junk.ts': junk,
    'zeros.md': new Uint8Array(100),
    'late-zero.md': Buffer.concat([text, Buffer.of(0)]),
    'latin1.md': Buffer.from('na\u00efve', 'latin1'),
    'late-latin1.md': Buffer.concat([text, Buffer.of(0xe9, 0x20)]),
    'cut-off.md': Buffer.from('caf\u00e9').subarray(0, -1),
    'utf16.md': Buffer.from('hello', 'utf16le'),
    'bom.md': '\ufeffhello',
    'empty.md': '',
  });
  const { sum, failures } = await countFolder(folder.path, { workers: 2 });
  expect(failures).toEqual([]);
  expect(skippedIn(folder.path, sum)).toEqual({
    'junk.ts': 'binary, not text',
    'zeros.md': 'binary, not text',
    'late-zero.md': 'binary, not text',
    'latin1.md': 'not UTF-8',
    'late-latin1.md': 'not UTF-8',
    'cut-off.md': 'not UTF-8',
    'utf16.md': 'binary, not text',
  });
  expect({ files: sum.files, counts: [...sum.counts] }).toEqual({ files: 2, counts: [['hello', 1]] });
});

test('a file that is gone, unreadable or no file is named, and the others are counted', async () => {
  const folder = new TemporaryFolder({ 'a.md': 'one', 'folder.md/b.md': 'two' });
  execFileSync(MAKE_FIFO, [folder.at('fifo.md')]);
  const found = await countFolder(folder.path, { workers: 1 });
  expect(found.sum.words).toBe(2);
  expect(skippedIn(folder.path, found.sum)).toEqual({ 'fifo.md': 'not a regular file' });

  // As if they had changed after they were found.
  symlinkSync('a.md', folder.at('link.md'));
  const names = ['gone.md', 'a.md', 'fifo.md', 'folder.md', 'link.md', 'x'.repeat(300)];
  const tally = await countFiles(names.map((name) => folder.at(name)));
  expect(tally.words).toBe(1);
  expect(tally.skipped.map(({ path, why }) => [relative(folder.path, path), why])).toEqual([
    ['gone.md', 'ENOENT'],
    ['fifo.md', 'not a regular file'],
    ['folder.md', 'not a regular file'],
    ['link.md', 'ELOOP'],
    ['x'.repeat(300), 'ENAMETOOLONG'],
  ]);
});

test('a huge file is counted piece by piece, in little memory', async () => {
  const line = Buffer.from(`Größe matters, it’s said; 東京 too.${' '.repeat(1000)}\n`);
  const times = Math.ceil((64 << 20) / line.length);
  const folder = new TemporaryFolder({ 'huge.md': Buffer.alloc(line.length * times, line) });
  const before = process.memoryUsage().rss;
  const tally = await countFiles([folder.at('huge.md')]);
  expect(process.memoryUsage().rss - before).toBeLessThan(48 << 20);
  expect(tally.skipped).toEqual([]);
  expect(Object.fromEntries(tally.counts)).toEqual({
    größe: times,
    matters: times,
    "it's": times,
    said: times,
    東京: times,
    too: times,
  });
});

test('a folder that is not there, or is a file, is an error', async () => {
  const folder = new TemporaryFolder({ 'a.md': 'one' });
  await expect(countFolder(folder.at('nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(countFolder(folder.at('a.md'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

/** How many bytes a process has read since it was started. */
function bytesReadBy({ pid }: Process): number {
  const [, bytes] = /^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8')) ?? [];
  return Number(bytes);
}

test.each([
  ['nothing', 1, 3],
  ['if it is not to be repeated, the file that it was counting, which is said, and nothing else', 0, 2],
])('a worker that is killed costs %s', async (_, retries, counted) => {
  const text = 'word '.repeat(400_000);
  const folder = new TemporaryFolder({ 'a.md': text, 'b.md': text, 'c.md': text });
  let killed: Promise<void> | undefined;
  const killInTheMiddle = async (): Promise<void> => {
    const [worker] = activeChildren() as [Process];
    const before = bytesReadBy(worker);
    await until(() => bytesReadBy(worker) > before + 100_000, { what: 'the worker to be at the next file' });
    worker.kill();
  };
  const onFirstResult = (): void => {
    killed ??= killInTheMiddle();
  };
  const { sum, failures } = await countFolder(folder.path, { workers: 1, retries, onProgress: onFirstResult });
  await killed;
  expect(failures).toEqual(counted === 3 ? [] : [{ files: 1, error: expect.any(WorkerLostError) }]);
  expect(Object.fromEntries(sum.counts)).toEqual({ word: counted * 400_000 });
});

test('progress ends with all files, also those that could not be counted', async () => {
  const folder = new TemporaryFolder({ 'a.md': 'one', 'b.md': 'two', 'junk.ts': new Uint8Array(10) });
  const told: Progress[] = [];
  await countFolder(folder.path, { workers: 1, onProgress: (progress) => told.push(progress) });
  expect(told.at(-1)).toEqual({ done: 3, total: 3 });
});
