// @module-tag every-node
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { checkLeaks, nodeChild, startNode } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';
import { HANGUP, openProcess, PollHandle, pollTwoSync, READABLE, signalProcess, waitChildSync } from '../src/index.ts';
import { closedAfterTest } from './descriptors.ts';

checkLeaks();

const { SIGKILL, SIGTERM, SIGUSR1 } = constants.signals;

/** A child that runs a line of shell, and its descriptor. */
function shell(line: string): { child: ChildProcess; pidfd: number; exit: Promise<unknown[]> } {
  const child = spawn('sh', ['-c', line], { stdio: ['pipe', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = new Promise<unknown[]>((resolve) => child.once('exit', (...end) => resolve(end)));
  return { child, pidfd: closedAfterTest(openProcess(child.pid as number)), exit };
}

test.each([0, 1, 7, 255])('exit code %i is told, and the exit event still tells the same', async (code) => {
  const { child, pidfd, exit } = shell(`exit ${code}`);
  expect(waitChildSync(pidfd, 50_000)).toEqual({ code, signal: null });
  expect(child.exitCode).toBe(null); // The loop has not turned.
  expect(waitChildSync(pidfd, 0)).toEqual({ code, signal: null });
  expect(await exit).toEqual([code, null]);
});

test.each(['SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGABRT'])(
  '%s is told, and the exit event still tells the same',
  async (signal) => {
    const { pidfd, exit } = shell(`kill -${signal.slice(3)} $$; sleep 100`);
    expect(waitChildSync(pidfd, 50_000)).toEqual({ code: null, signal });
    expect(await exit).toEqual([null, signal]);
  },
);

test('a real-time signal has a number for a name', async () => {
  const { pidfd } = shell('kill -40 $$; sleep 100');
  expect(waitChildSync(pidfd, 50_000)).toEqual({ code: null, signal: 'SIGRT40' });
});

test('a wait for one that lives times out, not before its time', async () => {
  const { pidfd, exit } = shell('read line');
  const start = performance.now();
  expect(waitChildSync(pidfd, 20.5)).toBeUndefined();
  expect(performance.now() - start).toBeGreaterThanOrEqual(20.5);
  expect(waitChildSync(pidfd, 0)).toBeUndefined();
  expect(signalProcess(pidfd, SIGKILL)).toBe(true);
  expect(waitChildSync(pidfd, Number.POSITIVE_INFINITY)).toEqual({ code: null, signal: 'SIGKILL' });
  await exit;
});

test('one whose exit code was taken is gone', async () => {
  const { pidfd, exit } = shell('exit 3');
  await exit;
  expect(waitChildSync(pidfd, 0)).toBe('gone');
  expect(signalProcess(pidfd, SIGTERM)).toBe(false);
  expect(signalProcess(pidfd, 0)).toBe(false);
});

test('the end of a process that is not our child is seen, but not how', async () => {
  const code = `
    import { spawn } from 'node:child_process';
    const child = spawn('sleep', ['100'], { stdio: 'ignore' });
    console.log(child.pid);`;
  const parent = startNode({ code });
  const pidfd = closedAfterTest(openProcess(Number((await parent.says(/^(\d+)\n/))[1])));
  expect(waitChildSync(pidfd, 1)).toBeUndefined();
  expect(signalProcess(pidfd, SIGKILL)).toBe(true);
  expect(waitChildSync(pidfd, 50_000)).toBe('gone');
  await parent.ended;
});

test('the descriptor is readable when the process has ended, for poll and for the loop', async () => {
  const { pidfd, exit } = shell('read line');
  expect(pollTwoSync(pidfd, READABLE, -1, 0, 0)).toBe(0);
  const ended = new Promise<number>((resolve) => {
    const handle = new PollHandle(pidfd, (events) => {
      handle.close();
      resolve(events);
    });
    handle.start(READABLE);
  });
  expect(signalProcess(pidfd, SIGTERM)).toBe(true);
  expect((await ended) & READABLE).toBe(READABLE);
  expect(pollTwoSync(pidfd, READABLE, -1, 0, 0) & ~HANGUP).toBe(READABLE);
  expect(await exit).toEqual([null, 'SIGTERM']);
});

test('signals arrive', async () => {
  const child = startNode({
    code: "process.on('SIGUSR1', () => process.exit(9)); setInterval(() => {}, 1e6); console.log('on');",
  });
  await child.says('on');
  const pidfd = closedAfterTest(openProcess(child.pid as number));
  expect(signalProcess(pidfd, 0)).toBe(true);
  expect(signalProcess(pidfd, SIGUSR1)).toBe(true);
  expect(waitChildSync(pidfd, 50_000)).toEqual({ code: 9, signal: null });
  expect((await child.ended).code).toBe(9);
});

test('a hundred children keep their exit codes', async () => {
  // In a process of its own: what libuv does with SIGCHLD must survive many of them.
  const code = `
    import { spawn } from 'node:child_process';
    import { closeDescriptor, openProcess, waitChildSync } from '../src/index.ts';
    let right = 0;
    for (let i = 0; i < 100; i++) {
      const child = spawn('sh', ['-c', 'exit ' + (i % 256)], { stdio: 'ignore' });
      const pidfd = openProcess(child.pid);
      const end = waitChildSync(pidfd, 50_000);
      closeDescriptor(pidfd);
      const [code] = await new Promise((resolve) => child.once('exit', (...end) => resolve(end)));
      if (end.code === i % 256 && code === i % 256) right++;
    }
    console.log(right);`;
  expect((await nodeChild({ code })).stdout).toBe('100\n');
});

test('a pid that nobody has, and a descriptor that is no process, are errors', async () => {
  expect(() => openProcess(2 ** 22 + 1)).toThrow(
    expect.objectContaining({ code: 'ESRCH', syscall: 'pidfd_open', pid: 2 ** 22 + 1 }),
  );
  expect(() => waitChildSync(1_000_000, 0)).toThrow(expect.objectContaining({ code: 'EBADF', fd: 1_000_000 }));
  expect(() => waitChildSync(0, 0)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'waitid' }));
  expect(() => signalProcess(0, 0)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'pidfd_send_signal' }));
});
