import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { checkLeaks, type RunningNode, startNode, until } from '../src/index.ts';

checkLeaks();

const LIMIT = 60_000;

/** A program whose time is over when `expire` is called: then it has come so far, however busy the machine is. */
function limited(code: string): { child: RunningNode; expire: () => void } {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  try {
    const child = startNode({ code }, { limit: LIMIT });
    const [expire] = timers.mock.calls.find(([, delay]) => delay === LIMIT) as [() => void];
    return { child, expire };
  } finally {
    timers.mockRestore();
  }
}

const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);

/** The number of the process that the program has started. */
async function grandchild(child: RunningNode): Promise<number> {
  return Number((await child.says(/\d+\n/))[0]);
}

async function endByPid(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(() => !isRunning(pid), { what: `process ${pid} to be gone` });
}

test('a program that runs too long is killed, what it started is not, and the error has what it wrote', async () => {
  const code = `
    import { spawn } from 'node:child_process';
    console.error('odd');
    console.log(spawn('sleep', ['1000'], { stdio: 'ignore' }).pid);
    setInterval(() => {}, 1000);`;
  const { child, expire } = limited(code);
  const pid = await grandchild(child);
  await until(() => child.stderr !== '');
  expire();
  const error = await child.ended.then(String, String);
  expect(error).toContain(`was to be over after ${LIMIT} ms and was killed: ended by SIGKILL`);
  expect(error).toContain(`--- stdout ---\n${pid}\n`);
  expect(error).toContain('--- stderr ---\nodd\n');
  expect(isRunning(pid)).toBe(true);
  await endByPid(pid);
});

test('output that somebody else holds open is named as the reason', async () => {
  const code = `
    import { spawn } from 'node:child_process';
    const child = spawn('sleep', ['1000'], { stdio: 'inherit', detached: true });
    child.unref();
    console.log(child.pid);`;
  const { child, expire } = limited(code);
  const pid = await grandchild(child);
  await until(() => !existsSync(`/proc/${child.pid}`));
  expire();
  await expect(child.ended).rejects.toThrow('held open by a process that it left behind: exit code 0');
  await endByPid(pid);
});
