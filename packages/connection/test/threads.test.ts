import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EOFError } from '@mp/errors';
import { duplicateDescriptor } from '@mp/native';
import { expect, onTestFinished, test } from 'vitest';
import { lend } from './fixtures/peers.ts';
import { checkConnectionLeaks, outcome, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

/** A thread that plays a scenario with duplicates of the ends. */
function startThread(scenario: string, connection: ReturnType<typeof testPipe>[0]): Worker {
  const descriptors = lend(connection).map(duplicateDescriptor);
  const thread = new Worker(new URL('./fixtures/thread.ts', import.meta.url), {
    workerData: { scenario, descriptors, side: 1 },
  });
  onTestFinished(async () => {
    await thread.terminate();
  });
  return thread;
}

test('a thread of this process is at the other end, in both forms', async () => {
  for (const scenario of ['echo', 'echoSync']) {
    const [ours, theirs] = testPipe();
    const thread = startThread(scenario, theirs);
    theirs.close();
    for (const message of [1, 'two', { three: [3] }, new Uint8Array(300_000).fill(4)]) {
      await ours.send(message);
      expect(await ours.recv()).toEqual(message);
      ours.sendSync(message);
      expect(ours.recvSync()).toEqual(message);
    }
    ours.close();
    await once(thread, 'exit');
  }
});

test('blocking for a thread of this process is no deadlock, even if we hold its end as well', async () => {
  const [ours, theirs] = testPipe();
  const thread = startThread('echoSync', theirs);
  ours.sendSync('hello');
  expect(ours.recvSync()).toBe('hello');
  theirs.close();
  ours.close();
  await once(thread, 'exit');
});

test('a thread that has ended is the end of its connection', async () => {
  const [ours, theirs] = testPipe();
  const thread = startThread('closeAndEnd', theirs);
  theirs.close();
  await once(thread, 'exit');
  expect(await ours.recv()).toBe('bye');
  expect(await outcome(ours.recv())).toBeInstanceOf(EOFError);
});

test('a connection that was made within a thread goes with it', async () => {
  const thread = new Worker(new URL('./fixtures/thread.ts', import.meta.url), {
    workerData: { scenario: 'ownPipe', descriptors: [], side: 1 },
  });
  const [said] = await once(thread, 'message');
  expect(said).toEqual({ big: 300_000 });
  await once(thread, 'exit');
});
