import { type NodeResult, nodeChild, startNode } from '@mp/testing';
import { describe, expect, test } from 'vitest';
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
    expect(stdout).toContain('1 of 2 scenarios passed');
    expect(code).toBe(1);
  });

  test('that hang are ended and fail', async () => {
    const folder = new TemporaryFolder({ '1-hanging.ts': HANGING });
    const { stdout, code } = await npmStart('--scenarios', folder.path, '1');
    expect(stdout).toContain('so far, so good');
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

describe('the main job', () => {
  test('counts the words of a folder, with progress, the top ten and the totals', async () => {
    const folder = new TemporaryFolder({ 'a.md': 'the cat, the dog', 'b.ts': 'const the = 1;', 'c.md': Buffer.of(0) });
    const { stdout, code } = await npmStart('count', folder.path);
    expect(stdout).toContain('100 %  3 of 3 files\n');
    expect(stdout).toContain('  the    3\n  cat    1\n  const  1\n  dog    1\n');
    expect(stdout).toMatch(/^6 words \(4 different\) in 2 files of 0\.0 MiB, \d+\.\d\d s, \d+ workers?$/m);
    expect(stdout).toContain('1 not counted:\n  c.md: binary, not text\n');
    expect(code).toBe(0);
  });

  test('finds no words in an empty folder', async () => {
    const folder = new TemporaryFolder();
    const { stdout, code } = await npmStart('count', folder.path);
    expect(stdout).toContain('0 words (0 different) in 0 files');
    expect(code).toBe(0);
  });

  test('says when there is no such folder', async () => {
    const { stderr, code } = await npmStart('count', '/no/such/folder');
    expect(stderr).toBe('/no/such/folder cannot be read: ENOENT\n');
    expect(code).toBe(1);
  });
});

describe('a command line', () => {
  test.each([[['--lost']], [['count', 'a', 'b']], [['count', 'a', '--list']], [['--list', '7']]])(
    'that makes no sense is answered with the right ones: %j',
    async (args) => {
      const { stdout, stderr, code } = await npmStart(...args);
      expect(stdout).toBe('');
      expect(stderr).toContain('npm start -- NAME …');
      expect(code).toBe(2);
    },
  );

  test('that asks for help gets it', async () => {
    const { stdout, code } = await npmStart('--help');
    expect(stdout).toContain('npm start -- count [FOLDER]');
    expect(code).toBe(0);
  });
});
