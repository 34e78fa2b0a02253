import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type NodeResult, nodeChild, startNode, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { readPng } from '../src/scenarios/modules/read-png.ts';
import { checkNothingLeft } from './nothing-left.ts';
import { scenarioText } from './scenario-text.ts';
import { TemporaryFolder } from './temporary-folder.ts';

checkNothingLeft();

const MAIN = new URL('../src/main.ts', import.meta.url);

const npmStart = (...args: readonly string[]): Promise<NodeResult> => nodeChild(MAIN, { args });

const GOOD = scenarioText(['hello <pid:program>'], `console.log('hello ' + process.pid);`);
const BAD = scenarioText(['hello bob'], `console.log('hello alice');`);
const HANGING = scenarioText(['x'], `console.log('so far, so good'); setInterval(() => {}, 1e6);`, ['Limit: 1 s']);

describe('scenarios', () => {
  test('are listed with number, name, what they show and their document', async () => {
    const { stdout, code } = await npmStart('--list');
    expect(code).toBe(0);
    expect(stdout).toContain('7    pipes\n      A child sends a list through a pipe');
    expect(stdout).toContain('From: Python docs, Pipes (row 7); 002\n');
    expect(stdout).toMatch(/^S9 {3}a-worker-is-killed$/m);
    expect(stdout).toContain('npm start -- hash FOLDER [--workers N]\n      prints the SHA-256');
  });

  test('are run by number or name, and show what they print', async () => {
    const folder = new TemporaryFolder({ '1-good.ts': GOOD, '2-bad.ts': BAD, '3-better.ts': GOOD });
    const { stdout, code } = await npmStart('--scenarios', folder.path, '3', 'good');
    expect(stdout).toMatch(
      /^── 3 {4}better ─+\nhello \d+\nPASS {2}3 .* s\n── 1 {4}good ─+\nhello \d+\nPASS {2}1 .* s\n\n2 of 2 scenarios passed/,
    );
    expect(code).toBe(0);
  });

  test('that fail are told with the reason, and by the exit code', async () => {
    const folder = new TemporaryFolder({ '1-good.ts': GOOD, '2-bad.ts': BAD });
    const { stdout, code } = await npmStart('--scenarios', folder.path, '1', '2');
    expect(stdout).toMatch(/^PASS {2}1 /m);
    expect(stdout).toMatch(/^FAIL {2}2 /m);
    expect(stdout).toContain('      expected:  hello bob\n      but found: hello alice\n');
    expect(stdout).toMatch(/^1 of 2 scenarios passed in .* s; failed: 2$/m);
    expect(code).toBe(1);
  });

  test('that hang are ended and fail', async () => {
    const folder = new TemporaryFolder({ '1-hanging.ts': HANGING });
    const { stdout, code } = await npmStart('--scenarios', folder.path, '1');
    // What it has printed by then, if it has come to that, is looked at in runner/outcome.test.ts.
    expect(stdout).toContain('it did not end within 1 s');
    expect(code).toBe(1);
  });

  test('that nobody knows are told, and nothing is run', async () => {
    const { stdout, stderr, code } = await npmStart('1', 'pipe-dreams');
    expect(stdout).toBe('');
    expect(stderr).toContain('There is no scenario pipe-dreams');
    expect(code).toBe(2);
  });

  test('all run by default and show nothing but their results, and what failed; the main job comes last', async () => {
    const folder = new TemporaryFolder({ '1-good.ts': GOOD, '2-bad.ts': BAD, '3-broken.ts': '' });
    const { stdout, code } = await npmStart('--scenarios', folder.path);
    expect(stdout).not.toMatch(/^hello \d/m);
    expect(stdout).toMatch(/^PASS {2}1 .*\nFAIL {2}2 /);
    expect(stdout).toContain('--- its output ---\n      hello alice\n');
    expect(stdout).toMatch(/^FAIL {2}3 .*\n.*\n {6}it does not begin with a header/m);
    expect(stdout).toMatch(/^[\d,]+ words \([\d,]+ different\) in [\d,]+ files of .* workers?$/m);
    expect(code).toBe(1);
  });

  test('end when the playground is told to end', async () => {
    const folder = new TemporaryFolder({ '1-hanging.ts': HANGING.replace('Limit: 1 s', 'Limit: 20 s') });
    const child = startNode(MAIN, { args: ['--scenarios', folder.path, '1'] });
    await child.says('so far, so good');
    child.kill('SIGTERM');
    expect((await child.ended).signal).toBe('SIGTERM');
  });
});

/** What a program that is no terminal's says of its progress: a line for each tenth at the most, the last one at the end. */
const progressOf = (label: string, text: string): string[] => {
  const lines = text.split('\n').filter((line) => line.startsWith(`${label} `));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThanOrEqual(10);
  return lines;
};

describe('a job', () => {
  test('counts the words of a folder, with progress, the top ten and the totals', async () => {
    const folder = new TemporaryFolder({ 'a.md': 'the cat, the dog', 'b.ts': 'const the = 1;', 'c.md': Buffer.of(0) });
    const { stdout, stderr, code } = await npmStart('count', folder.path);
    expect(progressOf('counting', stderr).at(-1)).toMatch(/^counting {2}100% {2}3\/3 /);
    expect(stdout).toContain('  the    3\n  cat    1\n  const  1\n  dog    1\n');
    expect(stdout).toMatch(/^6 words \(4 different\) in 2 files of 0\.0 MiB, \d+\.\d\d s, \d+ workers?$/m);
    expect(stdout).toContain('1 not counted:\n  c.md: binary, not text\n');
    expect(code).toBe(0);
  });

  test('draws the Mandelbrot set into a file', async () => {
    const folder = new TemporaryFolder();
    const options = ['--size', '40x30', '--iterations', '1e2', '--workers', '1'];
    const { stdout, stderr, code } = await nodeChild(MAIN, {
      args: ['mandelbrot', 'a.png', ...options],
      cwd: folder.path,
    });
    const { width, height } = readPng(readFileSync(folder.at('a.png')));
    expect([width, height]).toEqual([40, 30]);
    expect(stdout).toMatch(
      /^a\.png: 40 × 30 points, 236 of them in the set after 100 steps; 0\.0 MiB, .* s, 1 worker\n$/,
    );
    expect(progressOf('drawing', stderr).at(-1)).toContain('100%');
    expect(code).toBe(0);
  });

  test('finds primes, and compares their number with what is known', async () => {
    const { stdout, stderr, code } = await npmStart('primes', '1_000_000', '--workers', '1');
    expect(stdout).toMatch(/^78,498 primes up to 1,000,000; 0\.1 MiB of shared memory, \d+\.\d\d s, 1 worker$/m);
    expect(stdout).toContain('\nthe last of them: 999,961 999,979 999,983\nas many as there are known to be\n');
    expect(progressOf('sieving', stderr).at(-1)).toContain('100%');
    expect(code).toBe(0);
  });

  test('prints sums that sha256sum finds right, and everything else elsewhere', async () => {
    const folder = new TemporaryFolder({ 'a/b': 'abc', c: 'def' });
    const { stdout, stderr, code } = await nodeChild(MAIN, { args: ['hash', '.'], cwd: folder.path });
    const checked = execFileSync('sha256sum', ['--check', '--strict'], { cwd: folder.path, input: stdout });
    expect(checked.toString()).toBe('./a/b: OK\n./c: OK\n');
    expect(progressOf('hashing', stderr).at(-1)).toContain('2/2');
    expect(stderr).toMatch(/^2 files of 0\.0 MiB, /m);
    expect(code).toBe(0);
  });

  test('that is interrupted ends at once, with its workers, and leaves no file', async () => {
    const folder = new TemporaryFolder();
    const args = ['mandelbrot', 'a.png', '--iterations', '1e5', '--workers', '2'];
    const job = startNode(MAIN, { args, cwd: folder.path });
    await until(() => job.stderr.includes('drawing'), { what: 'the picture to be begun' });
    const workers = readFileSync(`/proc/${job.pid}/task/${job.pid}/children`, 'utf8').trim().split(' ');
    expect(workers).toHaveLength(2);
    job.kill('SIGINT');
    expect((await job.ended).signal).toBe('SIGINT');
    await until(() => !workers.some((pid) => existsSync(`/proc/${pid}`)), { what: 'the workers to end' });
    expect(existsSync(folder.at('a.png'))).toBe(false);
  });
});

describe('a command line', () => {
  test('that makes no sense is answered with the right ones, by the exit code, too', async () => {
    const { stdout, stderr, code } = await npmStart('count', 'a', 'b');
    expect(stdout).toBe('');
    expect(stderr).toContain('What is meant by b?\n\nnpm start ');
    expect(code).toBe(2);
  });

  test('that asks for help gets it', async () => {
    const { stdout, code } = await npmStart('hash', '--help');
    expect(stdout).toContain('npm start -- count [FOLDER]');
    expect(code).toBe(0);
  });
});
