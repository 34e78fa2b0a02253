import { checkLeaks, isRunning, nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { startMethods } from './start-methods.ts';

checkLeaks();

const program = (name: string): URL => new URL(`./fixtures/programs/${name}`, import.meta.url);

describe.each(startMethods)('by %s', (method) => {
  describe('when a program ends, its daemonic children are ended and the others are waited for', () => {
    test.each<[string, string, number]>([
      ['by process.exit', 'exit', 3],
      ['by an error that nobody catches', 'throw', 1],
      ['by a rejection that nobody handles', 'reject', 1],
    ])('%s', async (_, how, exitCode) => {
      const { stdout, code } = await nodeChild(program('leaving.ts'), { args: [how, method] });
      const [pids = '', ...lines] = stdout.split('\n');
      expect(lines).toEqual([`the program exits with ${exitCode}`, 'the child goes on', '']);
      expect(code).toBe(exitCode);
      expect((JSON.parse(pids) as number[]).filter(isRunning)).toEqual([]);
    });

    test.each<[string, string, number]>([
      ['in the usual way', 'return', 0],
      ['in the usual way, with an exit code', 'exitCode', 5],
    ])('%s, and then the event loop goes on until the others have ended', async (_, how, exitCode) => {
      const { stdout, code } = await nodeChild(program('leaving.ts'), { args: [how, method] });
      const [pids = '', ...lines] = stdout.split('\n');
      expect(lines).toEqual([
        'the child goes on',
        'beforeExit, and the child has ended with 0',
        `the program exits with ${exitCode}`,
        '',
      ]);
      expect(code).toBe(exitCode);
      expect((JSON.parse(pids) as number[]).filter(isRunning)).toEqual([]);
    });
  });

  describe('a daemonic child', () => {
    const run = async (what: string): Promise<string[]> => {
      const { stdout, stderr, code } = await nodeChild(program('daemons-only.ts'), { args: [what, method] });
      expect([stderr, code]).toEqual(['', 0]);
      const [pid, ...lines] = stdout.trimEnd().split('\n');
      expect(isRunning(Number(pid))).toBe(false);
      return lines;
    };

    test('does not keep its program', async () => {
      expect(await run('leave')).toEqual(['beforeExit']);
    });

    test('that heeds no signal is killed with its program', async () => {
      expect(await run('stubborn')).toEqual(['beforeExit']);
    });

    test('keeps its program as long as somebody waits for it', async () => {
      expect(await run('join')).toEqual(['joined, 7', 'beforeExit']);
      expect(await run('join, in time')).toEqual(['joined, false', 'beforeExit']);
    });

    test('that was closed is no concern of its program any more', async () => {
      expect(await run('close')).toEqual(['beforeExit', 'exit']);
    });
  });
});
