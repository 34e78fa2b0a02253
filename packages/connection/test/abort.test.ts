import { getEventListeners } from 'node:events';
import { type Connection, wait } from '@mp/connection';
import { AbortError } from '@mp/errors';
import { describe, expect, test } from 'vitest';
import { checkConnectionLeaks, fill, outcome, pattern, SMALL, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

type Call = (connection: Connection, signal: AbortSignal) => Promise<unknown>;

const operations: Record<string, Call> = {
  recv: (c, signal) => c.recv({ signal }),
  recvBytes: (c, signal) => c.recvBytes({ signal }),
  recvBytesInto: (c, signal) => c.recvBytesInto(Buffer.alloc(9), { signal }),
  poll: (c, signal) => c.poll({ signal, timeout: 60_000 }),
  send: (c, signal) => c.send('x'.repeat(500), { signal }),
  'send of a large object': (c, signal) => c.send(new Uint8Array(300_000), { signal }),
  sendBytes: (c, signal) => c.sendBytes(pattern(500), { signal }),
  wait: (c, signal) => wait([c], { signal }),
};

function stuck(): [Connection, Connection] {
  const [a, b] = testPipe({ capacity: SMALL });
  fill(a);
  return [a, b];
}

describe.each(Object.keys(operations))('%s', (name) => {
  const call = operations[name]!;

  test('is ended by its signal while it waits, and says why', async () => {
    const [a] = stuck();
    const controller = new AbortController();
    const ended = outcome(call(a, controller.signal));
    const reason = new Error('nobody needs it any more');
    controller.abort(reason);
    const error = await ended;
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ code: 'ABORT_ERR', cause: reason });
    expect((error as Error).message).toContain('aborted by its signal');
  });

  test('does not begin when the signal is aborted already, also when it would not have to wait', async () => {
    const [a, b] = testPipe({ capacity: SMALL });
    b.sendBytesSync(Buffer.from('waiting'));
    if (name === 'poll' || name === 'wait') a.recvBytesSync();
    const error = await outcome(call(a, AbortSignal.abort('before')));
    expect(error).toMatchObject({ name: 'AbortError', cause: 'before' });
    if (name.startsWith('send')) expect(b.pollSync()).toBe(false);
    if (name.startsWith('recv')) expect(String(a.recvBytesSync())).toBe('waiting');
  });

  test('is not bothered by its signal when it is over', async () => {
    const [a, b] = testPipe({ capacity: SMALL });
    const controller = new AbortController();
    if (name.startsWith('send')) {
      const full = fill(a);
      const done = call(a, controller.signal);
      for (let i = 0; i < full; i++) b.recvBytesSync();
      await done;
      controller.abort();
      const value = name === 'sendBytes' ? b.recvBytesSync() : b.recvSync();
      expect(value).toHaveLength(name.includes('large') ? 300_000 : 500);
    } else {
      const done = call(a, controller.signal);
      if (name === 'recv') b.sendSync('value');
      else b.sendBytesSync(Buffer.from('value'));
      await done;
      controller.abort();
    }
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('leaves nothing on its signal, however it ends', async () => {
    const [a] = stuck();
    const { signal } = new AbortController();
    const controller = new AbortController();
    const ends = [call(a, AbortSignal.any([signal, controller.signal])), call(a, signal)].map(outcome);
    controller.abort();
    a.close();
    await Promise.all(ends);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

test('one signal ends a thousand that wait, without a warning', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  const [a] = stuck();
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = Array.from({ length: 1000 }, (_, i) =>
    outcome<unknown>(i % 2 ? a.recv({ signal }) : a.send(i, { signal })),
  );
  await new Promise(setImmediate);
  controller.abort();
  for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(AbortError);
  await new Promise(setImmediate);
  process.off('warning', listen);
  expect(warnings).toEqual([]);
});

test('a time-out signal works as a signal', async () => {
  const [a] = testPipe();
  const error = await outcome(a.recv({ signal: AbortSignal.timeout(1) }));
  expect(error).toMatchObject({ name: 'AbortError', cause: { name: 'TimeoutError' } });
});

test('what comes first ends the wait: signal, time or message', async () => {
  const [a, b] = testPipe();
  const { signal } = new AbortController();
  expect(await outcome(b.recv({ signal, timeout: 1 }))).toMatchObject({ name: 'TimeoutError' });
  const controller = new AbortController();
  const aborted = outcome(b.recv({ signal: controller.signal, timeout: 60_000 }));
  controller.abort();
  expect(await aborted).toMatchObject({ name: 'AbortError' });
  const received = b.recv({ signal, timeout: 60_000 });
  a.sendSync('a message');
  expect(await received).toBe('a message');
});

test('a message that came before the abort, in the same turn of the loop, is not lost', async () => {
  const [a, b] = testPipe();
  const controller = new AbortController();
  const received = outcome(b.recv({ signal: controller.signal }));
  a.sendSync('a message');
  controller.abort();
  expect(await received).toMatchObject({ name: 'AbortError' });
  expect(b.recvSync()).toBe('a message');
});
