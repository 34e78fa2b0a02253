import { checkLeaks, startNode, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { leaks } from './leaks.ts';
import { isRunning, isStopped } from './process-state.ts';
import { startMethods } from './start-methods.ts';

checkLeaks(leaks);

describe.each(startMethods)('by %s', (method) => {
  /** The numbers of those that hang on a program, when all are at work. */
  async function start(what: string, who: string) {
    const program = startNode(new URL('./fixtures/programs/family.ts', import.meta.url), { args: [what, who, method] });
    const [line] = await program.says(/^\[.*\]$/m);
    const pids = JSON.parse(line) as number[];
    expect(pids).toHaveLength(who === 'child' ? 1 : 2);
    expect(pids.filter(isRunning)).toEqual(pids);
    return { program, pids };
  }

  const nobodyIsLeft = (pids: number[]): Promise<boolean> =>
    until(() => pids.every((pid) => !isRunning(pid)), { what: `${pids} to be gone`, limit: 60_000 });

  describe.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('when a program is ended by %s', (signal) => {
    const cases: [string, string, string][] = [
      ['that waits', 'idle', 'child'],
      ['that never lets go of its thread', 'spin', 'child'],
      ['that is blocked in the system', 'block', 'child'],
      ['that heeds no signal', 'ignoreSignals', 'child'],
      ['that is still importing', 'neverImported', 'child'],
      ['of its child, that waits', 'idle', 'grandchild'],
      ['of its child, that never lets go of its thread', 'spin', 'grandchild'],
    ];
    const worst = cases.filter(([, what]) => signal === 'SIGKILL' || what === 'spin');
    test.each(worst)('a child %s ends with it', async (_, what, who) => {
      const { program, pids } = await start(what, who);
      program.kill(signal);
      expect((await program.ended).signal).toBe(signal);
      expect(await nobodyIsLeft(pids)).toBe(true);
    });
  });

  test('a child that is stopped cannot end, and does so when it is continued', async () => {
    const { program, pids } = await start('idle', 'child');
    const [child] = pids as [number];
    process.kill(child, 'SIGSTOP');
    await until(() => isStopped(child));
    program.kill('SIGKILL');
    await until(() => !isRunning(program.pid as number));
    process.kill(child, 'SIGCONT');
    await program.ended;
    expect(await nobodyIsLeft(pids)).toBe(true);
  });

  test('when a child is killed, its own child ends with it, and the program is told', async () => {
    const { program, pids } = await start('spin', 'grandchild');
    process.kill(pids[0] as number, 'SIGKILL');
    const { stdout, code } = await program.ended;
    expect(stdout).toContain('the child has ended with -9');
    expect(code).toBe(0);
    expect(await nobodyIsLeft(pids)).toBe(true);
  });

  test('a program that is stopped loses no child', async () => {
    const { program, pids } = await start('idle', 'child');
    process.kill(program.pid as number, 'SIGSTOP');
    await until(() => isStopped(program.pid as number));
    expect(pids.filter(isRunning)).toEqual(pids);
    process.kill(program.pid as number, 'SIGCONT');
    process.kill(pids[0] as number, 'SIGTERM');
    expect((await program.ended).stdout).toContain('the child has ended with -15');
  });
});
