import { checkLeaks, isRunning, isStopped, startNode, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { startMethods } from './start-methods.ts';

checkLeaks();

describe.each(startMethods)('by %s', (method) => {
  /** A program whose children do this, and the numbers of all that hang on it, when all are at it. */
  async function start(...tasks: string[]) {
    const program = startNode(new URL('./fixtures/programs/family.ts', import.meta.url), { args: [method, ...tasks] });
    const [line] = await program.says(/^\[.*\]$/m);
    const pids = JSON.parse(line) as number[];
    expect(pids).toHaveLength(tasks.join(':').split(':').length);
    expect(pids.filter(isRunning)).toEqual(pids);
    return { program, pids };
  }

  const nobodyIsLeft = (pids: number[]): Promise<boolean> =>
    until(() => pids.every((pid) => !isRunning(pid)), { what: `${pids} to be gone`, limit: 60_000 });

  test('when a program is killed, all children end with it: that wait, are blocked, heed no signal, are still importing or never let go of their thread, and their children', async () => {
    // With fork nothing is imported. Those that take all of a core come last.
    const importing = method === 'fork' ? [] : ['neverImported'];
    const tasks = ['idle', 'block', 'ignoreSignals', ...importing, 'child:idle', 'spin', 'child:spin'];
    const { program, pids } = await start(...tasks);
    program.kill('SIGKILL');
    expect((await program.ended).signal).toBe('SIGKILL');
    expect(await nobodyIsLeft(pids)).toBe(true);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'when a program is ended by %s, so are a child that never lets go of its thread, and the child of a child',
    async (signal) => {
      const { program, pids } = await start('spin', 'child:spin');
      program.kill(signal);
      expect((await program.ended).signal).toBe(signal);
      expect(await nobodyIsLeft(pids)).toBe(true);
    },
  );

  test('a child that is stopped cannot end, and does so when it is continued', async () => {
    const { program, pids } = await start('idle');
    const [child] = pids as [number];
    process.kill(child, 'SIGSTOP');
    await until(() => isStopped(child));
    program.kill('SIGKILL');
    await until(() => !isRunning(program.pid as number));
    process.kill(child, 'SIGCONT');
    await program.ended;
    expect(await nobodyIsLeft(pids)).toBe(true);
  });

  test('a program that is stopped loses no child; when a child is killed, its own child ends with it, and the program is told', async () => {
    const { program, pids } = await start('child:spin');
    process.kill(program.pid as number, 'SIGSTOP');
    await until(() => isStopped(program.pid as number));
    expect(pids.filter(isRunning)).toEqual(pids);
    process.kill(program.pid as number, 'SIGCONT');
    process.kill(pids[0] as number, 'SIGKILL');
    const { stdout, code } = await program.ended;
    expect(stdout).toContain('the child has ended with -9');
    expect(code).toBe(0);
    expect(await nobodyIsLeft(pids)).toBe(true);
  });
});

test('a program of these tests, and what computes for ever below it, ends when the test that has started it is killed', async () => {
  const program = new URL('./fixtures/programs/family.ts', import.meta.url).href;
  const runner = startNode({
    code: `
      import { startNode } from '@mp/testing';
      const program = startNode('${program}', { args: ['spawn', 'spin'] });
      const [line] = await program.says(/^\\[.*\\]$/m);
      console.log(JSON.stringify([program.pid, ...JSON.parse(line)]));
      await program.ended;
    `,
  });
  const [line] = await runner.says(/^\[.*\]$/m);
  const pids = JSON.parse(line) as number[];
  expect(pids.filter(isRunning)).toEqual(pids);
  expect(pids).toHaveLength(2);
  runner.kill('SIGKILL');
  await runner.ended;
  await until(() => pids.every((pid) => !isRunning(pid)), { what: `${pids} to be gone`, limit: 60_000 });
});
