import { checkLeaks, isRunning, type RunningNode, startNode, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { startMethods } from './start-methods.ts';

checkLeaks();

describe.each(startMethods)('Ctrl-C, which all processes of a terminal get, by %s,', (method) => {
  /** Once its workers are busy, as a terminal does it: the program and all of its workers get the signal. */
  async function interrupted(what: string): Promise<{ run: RunningNode; pids: number[] }> {
    const run = startNode(new URL('./fixtures/programs/interrupted.ts', import.meta.url), { args: [what, method] });
    const [line] = await run.says(/^\[\d.*\]$/m);
    const pids = JSON.parse(line) as number[];
    for (const pid of pids) process.kill(pid, 'SIGINT');
    run.kill('SIGINT');
    return { run, pids };
  }

  test('ends a program that does not handle it at once, and its busy workers without a word', async () => {
    const { run, pids } = await interrupted('spins');
    const { stderr, signal } = await run.ended;
    expect([signal, stderr]).toEqual(['SIGINT', '']);
    await until(() => !pids.some(isRunning), { what: `${pids} to be gone` });
  });

  test('loses no task of a program that handles it, and closes its pool', async () => {
    const { run } = await interrupted('finishes');
    const { stdout, stderr, code } = await run.ended;
    expect(stdout.split('\n').slice(1)).toEqual(["[ 'held up', 'held up' ] 0", '']);
    expect([stderr, code]).toEqual(['', 0]);
  });
});
