// @module-tag every-node
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLeaks, nodeChild, type RunningNode, startNode } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';
import {
  closeDescriptor,
  endWithParent,
  isHungUp,
  openProcess,
  pollTwoSync,
  READABLE,
  signalProcess,
} from '../src/index.ts';
import { closedAfterTest, testSocketPair } from './descriptors.ts';

checkLeaks();

const PARENT = new URL('./fixtures/watched-parent.ts', import.meta.url);

/** A parent and its watched child; the child is ended after the test, whatever happened. */
async function family(...args: string[]): Promise<{ parent: RunningNode; childPidfd: number }> {
  const parent = startNode(PARENT, { args });
  const pid = Number((await parent.says(/^pid (\d+)\n/m))[1]);
  const childPidfd = closedAfterTest(openProcess(pid));
  onTestFinished(() => void signalProcess(childPidfd, 9));
  return { parent, childPidfd };
}

/** Whether it has ended within fifty seconds; it takes milliseconds, or for ever. */
const hasEnded = (pidfd: number): boolean => pollTwoSync(pidfd, READABLE, -1, 0, 50_000) !== 0;

const reportFile = (): string => join(mkdtempSync(join(tmpdir(), 'watchdog-')), 'report');

test.each([
  ['that spins', 'spin'],
  ['that blocks', 'block'],
  ['that waits for events', 'wait'],
  ['that spins though it would handle SIGTERM', 'spin with handler'],
])('a child %s ends when its parent is killed', async (_, manner) => {
  const { parent, childPidfd } = await family(manner, '100');
  expect(pollTwoSync(childPidfd, READABLE, -1, 0, 0)).toBe(0);
  parent.kill('SIGKILL');
  await parent.ended;
  expect(hasEnded(childPidfd)).toBe(true);
});

test('a child ends when its parent closes the socket', async () => {
  const { parent, childPidfd } = await family('spin', '100');
  parent.kill('SIGUSR2');
  expect(hasEnded(childPidfd)).toBe(true);
  parent.kill();
  await parent.ended;
});

test('a child with a SIGTERM handler ends in its own way', async () => {
  const report = reportFile();
  const { parent, childPidfd } = await family('handle', '100000', report);
  parent.kill('SIGKILL');
  await parent.ended;
  expect(hasEnded(childPidfd)).toBe(true);
  expect(readFileSync(report, 'utf8')).toBe('handled');
});

test('stop calls SIGKILL off, even after SIGTERM', async () => {
  const report = reportFile();
  const { parent, childPidfd } = await family('stop in handler', '100000', report);
  parent.kill('SIGKILL');
  await parent.ended;
  expect(hasEnded(childPidfd)).toBe(true);
  expect(readFileSync(report, 'utf8')).toBe('called off');
});

test('a stopped watchdog lets its process live, and its socket go', async () => {
  const code = `
    import { closeDescriptor, endWithParent, isHungUp, socketPair } from '../src/index.ts';
    import { until } from '@mp/testing';
    const [a, b] = socketPair();
    const watchdog = endWithParent(b);
    closeDescriptor(b);
    console.log(isHungUp(a));
    watchdog.stop();
    watchdog.stop();
    await until(() => isHungUp(a), { what: 'the duplicate to be closed' });
    closeDescriptor(a);
    console.log('alive');`;
  expect(await nodeChild({ code })).toMatchObject({ stdout: 'false\nalive\n', stderr: '', code: 0 });
});

test('it keeps no process alive, delays no exit, and leaves the exit code', async () => {
  const [a, b] = testSocketPair();
  const code = `
    import { endWithParent } from '../src/index.ts';
    endWithParent(3, { grace: 60_000 });
    process.exitCode = 5;`;
  expect(await nodeChild({ code }, { descriptors: [b] })).toMatchObject({ code: 5, signal: null });
  expect(isHungUp(a)).toBe(false); // We still have the other end ourselves.
});

test('a thousand times started and stopped, in a race with the hang-up, leaves nothing', async () => {
  const code = `
    import { readdirSync } from 'node:fs';
    import { closeDescriptor, endWithParent, socketPair } from '../src/index.ts';
    import { until } from '@mp/testing';
    process.on('SIGTERM', () => {});
    console.log('starts');
    const open = () => readdirSync('/proc/self/fd').length;
    const threads = () => readdirSync('/proc/self/task').length;
    const before = [open(), threads()];
    function race(hangUpFirst) {
      const [a, b] = socketPair();
      const { stop } = endWithParent(b, { grace: 60_000 });
      if (hangUpFirst) { closeDescriptor(a); stop(); } else { stop(); closeDescriptor(a); }
      closeDescriptor(b);
    }
    for (let i = 0; i < 1000; i++) {
      race(i % 2 === 0);
      if (i % 100 === 0) await until(() => threads() <= before[1]);
    }
    await until(() => { gc(); return threads() <= before[1] && open() <= before[0]; }, { what: 'all of them to end' });
    console.log('clean');`;
  expect(await nodeChild({ code }, { execArgv: ['--expose-gc'] })).toMatchObject({
    stdout: 'starts\nclean\n',
    stderr: '',
    code: 0,
  });
});

test('a worker that started it may end before', async () => {
  const code = `
    import { isMainThread, Worker } from 'node:worker_threads';
    import { endWithParent } from '../src/index.ts';
    if (isMainThread) {
      const worker = new Worker(new URL(import.meta.url));
      worker.once('exit', () => { console.log('worker gone'); for (;;); });
    } else {
      endWithParent(3, { grace: 100 });
    }`;
  const [a, b] = testSocketPair();
  const child = startNode({ code }, { descriptors: [b] });
  await child.says('worker gone');
  closeDescriptor(b);
  closeDescriptor(a);
  expect((await child.ended).signal).toBe('SIGTERM');
});

test('the kernel’s own signal at the parent’s death', async () => {
  const child = `
    import { setParentDeathSignal } from '../src/index.ts';
    setParentDeathSignal(9);
    process.stdout.write('watching\\\\n', () => { for (;;); });`;
  const code = `
    import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', \`${child}\`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: import.meta.dirname,
    });
    child.stdout.on('data', () => console.log('pid', child.pid));`;
  const parent = startNode({ code });
  const pidfd = closedAfterTest(openProcess(Number((await parent.says(/^pid (\d+)\n/m))[1])));
  onTestFinished(() => void signalProcess(pidfd, 9));
  parent.kill();
  await parent.ended;
  expect(hasEnded(pidfd)).toBe(true);
});

test('a descriptor that is not open is an error', () => {
  expect(() => endWithParent(1_000_000)).toThrow(expect.objectContaining({ code: 'EBADF', fd: 1_000_000 }));
});
