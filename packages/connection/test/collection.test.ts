import { type Connection, Pipe, wait } from '@mp/connection';
import { EOFError } from '@mp/errors';
import { collect, collectUntil } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';
import { checkConnectionLeaks, testPipe } from './fixtures/pipes.ts';

// What is forgotten here and not given back is found as a leak, too.
checkConnectionLeaks();

/** One end that stays; the other is only reachable through what `use` keeps of it. */
function pipeOfWhichOneEndIsForgotten(use: (forgotten: Connection, kept: Connection) => void): Connection {
  const [kept, forgotten] = Pipe();
  onTestFinished(() => kept.close());
  use(forgotten, kept);
  return kept;
}

/** The end of file that the other side of a closed connection sees, and of no other. */
const hasEnded = (connection: Connection): boolean => connection.pollSync();

test('a connection that nobody can reach any more is closed when it is collected', async () => {
  const kept = pipeOfWhichOneEndIsForgotten(() => {});
  expect(hasEnded(kept)).toBe(false);
  await collectUntil(() => hasEnded(kept));
  expect(() => kept.recvSync()).toThrow(EOFError);
});

test('so is one on which every kind of call has waited', async () => {
  const waitOn = async (forgotten: Connection, kept: Connection): Promise<void> => {
    const ready = wait([forgotten]);
    await kept.send(1);
    await ready;
    await forgotten.recv();
    const received = forgotten.recv();
    await kept.send(2);
    await received;
    // Without `expect`, which would keep the error, and with it the connection.
    await forgotten.recv({ timeout: 1 }).catch(() => {});
    await forgotten.poll({ timeout: 1 });
    await forgotten.send(3);
    kept.recvSync();
  };
  let waited: Promise<void> | undefined;
  const kept = pipeOfWhichOneEndIsForgotten((forgotten, other) => {
    waited = waitOn(forgotten, other);
  });
  await waited;
  await collectUntil(() => hasEnded(kept));
  expect(() => kept.recvSync()).toThrow(EOFError);
});

test('so is one with messages that nobody has received', async () => {
  const kept = pipeOfWhichOneEndIsForgotten((_, other) => {
    other.sendSync('unread');
    other.sendSync(new Uint8Array(200_000));
  });
  await collectUntil(() => hasEnded(kept));
  expect(() => kept.recvSync()).toThrow(EOFError);
});

test('so is one that came in a message', async () => {
  const [kept, travels] = testPipe();
  const [a, b] = testPipe();
  a.sendSync(travels);
  travels.close();
  b.recvSync();
  await collectUntil(() => hasEnded(kept));
  expect(() => kept.recvSync()).toThrow(EOFError);
});

test('a connection that a call waits on is not collected', async () => {
  let received: Promise<unknown> | undefined;
  const kept = pipeOfWhichOneEndIsForgotten((forgotten) => {
    received = forgotten.recv();
  });
  await collect();
  expect(hasEnded(kept)).toBe(false);
  await kept.send('still there');
  expect(await received).toBe('still there');
  await collectUntil(() => hasEnded(kept));
});

test('a connection that is iterated is not collected', async () => {
  const messages: unknown[] = [];
  let loop: Promise<void> | undefined;
  const kept = pipeOfWhichOneEndIsForgotten((forgotten) => {
    loop = (async () => {
      for await (const message of forgotten) messages.push(message);
    })();
  });
  await kept.send(1);
  await collect();
  await kept.send(2);
  await collect();
  kept.close();
  await loop;
  expect(messages).toEqual([1, 2]);
});

test('a connection that wait watches is not collected', async () => {
  let ready: Promise<unknown[]> | undefined;
  const kept = pipeOfWhichOneEndIsForgotten((forgotten) => {
    ready = wait([forgotten]);
  });
  await collect();
  kept.sendSync(1);
  expect(await ready).toHaveLength(1);
});

test('closing by hand and collection afterwards close only once', async () => {
  (() => {
    const [a, b] = Pipe();
    a.close();
    b.close();
  })();
  // These have the numbers that were closed.
  const [c, d] = testPipe();
  await collect();
  c.sendSync('open');
  expect(d.recvSync()).toBe('open');
});

test('nothing keeps a reference to bytes that were sent', async () => {
  const [a, b] = testPipe();
  const sendAndForget = (size: number): WeakRef<ArrayBuffer> => {
    const data = new Uint8Array(1_000_000);
    a.sendBytesSync(data, { size });
    b.recvBytesSync();
    return new WeakRef(data.buffer);
  };
  for (const size of [0, 16, 100_000, 1_000_000]) {
    const memory = sendAndForget(size);
    await collectUntil(() => memory.deref() === undefined);
    expect(memory.deref()).toBe(undefined);
  }
});

test('nothing keeps a reference to an object that was sent or received', async () => {
  const [a, b] = testPipe();
  const sendAndForget = (body: object): WeakRef<object>[] => {
    a.sendSync(body);
    return [new WeakRef(body), new WeakRef(b.recvSync())];
  };
  for (const make of [() => ({ x: 1 }), () => new Map([[1, 2]]), () => ({ big: new Uint8Array(300_000) })]) {
    const references = sendAndForget(make());
    await collectUntil(() => references.every((reference) => reference.deref() === undefined));
    expect(references.map((reference) => reference.deref())).toEqual([undefined, undefined]);
  }
});
