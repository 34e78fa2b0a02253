/**
 * Worker threads: each has its own loop and its own objects in C. What can go wrong goes wrong as a crash, so all of
 * it happens in a process of its own.
 */
import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';

checkLeaks();

/** Runs the code in a worker, says "ready" from there, and ends the worker in the given way, several times. */
const program = (inWorker: string, end: 'terminate' | 'exit' | 'return', times = 4): string => `
  import { isMainThread, parentPort, Worker } from 'node:worker_threads';
  import * as native from '../src/index.ts';
  if (isMainThread) {
    for (let i = 0; i < ${times}; i++) {
      const worker = new Worker(new URL(import.meta.url));
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      worker.once('error', (error) => { throw error; });
      await new Promise((resolve) => worker.once('message', resolve));
      if (${end === 'terminate'}) await worker.terminate();
      await ended;
    }
    console.log('fine');
  } else {
    ${inWorker}
    parentPort.postMessage('ready');
    ${end === 'exit' ? 'process.exit(0);' : ''}
  }`;

const active = `
  const bell = native.createDoorbell();
  const handle = new native.PollHandle(bell, () => native.ringDoorbell(bell));
  handle.start(native.READABLE);
  native.ringDoorbell(bell);`;
const stopped = `
  const handle = new native.PollHandle(native.createDoorbell(), () => {});
  handle.start(native.READABLE);
  handle.stop();`;
const waiting = `
  const words = new Int32Array(native.mapMemory(native.createMemory(4096), 4096));
  for (let i = 0; i < 300; i++) void native.futexWait(words, i, 0);`;
const woken = `
  const words = new Int32Array(native.mapMemory(native.createMemory(4096), 4096));
  for (let i = 0; i < 300; i++) void native.futexWait(words, i, 0);
  for (let i = 0; i < 300; i++) { words[i] = 1; native.futexWake(words, i, 1); }`;
const mapped = `
  const mapping = native.Mapping.of(native.createMemory(8192), 8192);
  const lease = mapping.lease(0);
  globalThis.kept = [mapping.view(0, 10, lease), mapping.view(4096, 10), native.mapMemory(native.createMemory(1), 1)];`;

test.each([
  ['an active PollHandle', active, 'terminate'],
  ['an active PollHandle', active, 'exit'],
  ['a stopped PollHandle', stopped, 'terminate'],
  ['a stopped PollHandle', stopped, 'return'],
  ['waits pending', waiting, 'terminate'],
  ['waits pending', waiting, 'exit'],
  ['waits just woken', woken, 'terminate'],
  ['memory mapped', mapped, 'terminate'],
  ['memory mapped', mapped, 'return'],
  ['all of it', `{${active}} {${waiting}} {${mapped}}`, 'terminate'],
] as const)('a worker with %s may end (%#)', async (_, inWorker, end) => {
  const result = await nodeChild({ code: program(inWorker, end) }, { limit: 60_000 });
  expect(result).toMatchObject({ stdout: 'fine\n', stderr: '', code: 0, signal: null });
});

test.each([
  ['an active PollHandle', active],
  ['waits pending', waiting],
  ['memory mapped', mapped],
])('the main thread with %s may end by process.exit', async (_, code) => {
  const result = await nodeChild({ code: `import * as native from '../src/index.ts'; ${code} process.exit(3);` });
  expect(result).toMatchObject({ stderr: '', code: 3, signal: null });
});

test('handles and promises work in several threads at once', async () => {
  const code = `
    import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
    import * as native from '../src/index.ts';
    const size = 4096;
    const fd = isMainThread ? native.createMemory(size) : workerData;
    const words = new Int32Array(native.mapMemory(fd, size));
    async function step(thread) {
      // Round the threads, 100 times: by futex to the next thread, and by doorbell to ourselves.
      const bell = native.createDoorbell();
      for (let i = 0; i < 100; i++) {
        for (let at = Atomics.load(words, 0); at !== i * 4 + thread; at = Atomics.load(words, 0)) {
          await native.futexWait(words, 0, at);
        }
        await new Promise((resolve) => {
          const handle = new native.PollHandle(bell, () => { handle.close(); resolve(); }, { drain: true });
          handle.start(native.READABLE);
          native.ringDoorbell(bell);
        });
        Atomics.add(words, 0, 1);
        native.futexWake(words, 0, Infinity);
      }
    }
    if (isMainThread) {
      const ended = [1, 2, 3].map((thread) => {
        const worker = new Worker(new URL(import.meta.url), { workerData: fd, argv: [thread] });
        return new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
      });
      await step(0);
      await Promise.all(ended);
      console.log(words[0]);
    } else {
      await step(Number(process.argv[2]));
    }`;
  expect(await nodeChild({ code })).toMatchObject({ stdout: '400\n', stderr: '', code: 0 });
});

test('a lease of a worker ends with it, also when it is terminated', async () => {
  const code = `
    import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
    import * as native from '../src/index.ts';
    const fd = isMainThread ? native.createMemory(4096) : workerData;
    const mapping = native.Mapping.of(fd, 4096);
    const words = new Int32Array(mapping.view(0, 64));
    if (isMainThread) {
      words[0] = 1;
      const worker = new Worker(new URL(import.meta.url), { workerData: fd });
      await new Promise((resolve) => worker.once('message', resolve));
      console.log(words[0]);
      await worker.terminate();
      console.log(words[0]);
    } else {
      const lease = mapping.lease(0);
      globalThis.kept = mapping.view(100, 10, lease);
      parentPort.postMessage('ready');
      setInterval(() => {}, 1000);
    }`;
  expect((await nodeChild({ code })).stdout).toBe('1\n0\n');
});
