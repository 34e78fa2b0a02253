import { inspect } from 'node:util';
import { Client, type Connection, ConnectionLostError, PartlySentError, wait } from '@mp/connection';
import { AbortError, BrokenPipeError, ClosedError, EOFError, TimeoutError } from '@mp/errors';
import { PicklingError } from '@mp/reduction';
import { checkLeaks, nodeChild, startNode, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { forms } from '../fixtures/forms.ts';
import { outcome, pattern } from '../fixtures/pipes.ts';
import {
  closedAfterTest,
  families,
  frameOf,
  listenerOf,
  rawClient,
  testConnection,
  testListener,
} from './fixtures/network.ts';

checkLeaks();

/** Sends until the network takes no more; what was begun last is not finished. */
async function fill(connection: Connection): Promise<number> {
  for (let sent = 0; ; sent++) {
    const error = await outcome(connection.sendBytes(pattern(100_000, sent), { timeout: 0 }));
    if (error instanceof PartlySentError) return sent + 1;
    if (error instanceof TimeoutError) return sent;
  }
}

describe.each(families)('over %s', (family) => {
  describe.each(forms)('in the $name form', (form) => {
    test('objects and bytes arrive as they were, in order', async () => {
      const [a, b] = await testConnection(family);
      const object = { list: [1, 'zwei', null, undefined], map: new Map([[1, new Set([2n])]]), when: new Date(0) };
      await form.send(a, object);
      await form.sendBytes(a, Buffer.from('xxbytes'), { offset: 2 });
      await form.send(a, 'last');
      expect(await form.recv(b)).toEqual(object);
      const room = Buffer.alloc(8);
      expect(await form.recvBytesInto(b, room, { offset: 1 })).toBe(5);
      expect(room.toString()).toBe('\0bytes\0\0');
      expect(await form.recv(b)).toBe('last');
    });

    test('poll and wait tell of messages without taking them, and of the end', async () => {
      const [a, b] = await testConnection(family);
      expect(await form.poll(b)).toBe(false);
      expect(await form.poll(b, { timeout: 5 })).toBe(false);
      expect(await form.wait([a, b], { timeout: 5 })).toEqual([]);
      await a.send(1);
      expect(await form.poll(b, { timeout: 50_000 })).toBe(true);
      expect(await form.wait([a, b])).toEqual([b]);
      expect(await form.recv(b)).toBe(1);
      a.close();
      expect(await form.poll(b, { timeout: 50_000 })).toBe(true);
      expect(await form.wait([b])).toEqual([b]);
      await expect(form.recv(b)).rejects.toBeInstanceOf(EOFError);
      await expect(form.recv(b)).rejects.toBeInstanceOf(EOFError);
    });

    test('what was sent before the end is received', async () => {
      const [a, b] = await testConnection(family);
      for (let i = 0; i < 10; i++) await form.send(a, i);
      a.close();
      for (let i = 0; i < 10; i++) expect(await form.recv(b)).toBe(i);
      await expect(form.recv(b)).rejects.toBeInstanceOf(EOFError);
      await expect(form.send(b, new Uint8Array(1_000_000))).rejects.toBeInstanceOf(BrokenPipeError);
    });

    test('a wait ends by its time, and loses nothing', async () => {
      const [a, b] = await testConnection(family);
      for (const timeout of [0, -1, 5]) {
        await expect(form.recv(b, { timeout })).rejects.toBeInstanceOf(TimeoutError);
        await expect(form.recvBytes(b, { timeout })).rejects.toBeInstanceOf(TimeoutError);
      }
      await a.send('still');
      expect(await form.recv(b)).toBe('still');
    });

    test('too little room gives the message in the error, too long a message ends receiving', async () => {
      const [a, b] = await testConnection(family);
      await a.sendBytes(Buffer.from('long'));
      await a.sendBytes(Buffer.from('longer'));
      await expect(form.recvBytesInto(b, new Uint8Array(2))).rejects.toMatchObject({ bytes: Buffer.from('long') });
      await expect(form.recvBytes(b, { maxLength: 5 })).rejects.toMatchObject({ code: 'ERR_MP_MESSAGE_TOO_LONG' });
      expect(b.readable).toBe(false);
      await form.send(b, 'but sending');
      expect(await form.recv(a)).toBe('but sending');
    });

    test('after close every call says so', async () => {
      const [a] = await testConnection(family);
      a.close();
      await expect(form.send(a, 1)).rejects.toBeInstanceOf(ClosedError);
      await expect(form.recv(a)).rejects.toBeInstanceOf(ClosedError);
      expect(inspect(a)).toBe('<Connection closed>');
    });
  });

  test('what waits is ended by close, by a signal, and by the end of the other side', async () => {
    const [a, b] = await testConnection(family);
    const controller = new AbortController();
    const aborted = outcome(a.recv({ signal: controller.signal }));
    const ended = outcome(b.recv());
    const waited = wait([b]);
    controller.abort();
    expect(await aborted).toBeInstanceOf(AbortError);
    const closed = outcome(a.recv());
    a.close();
    expect(await closed).toBeInstanceOf(ClosedError);
    expect(await ended).toBeInstanceOf(EOFError);
    expect(await waited).toEqual([b]);
  });

  test('a large message goes to and fro, while others wait their turn', async () => {
    const [a, b] = await testConnection(family);
    const large = pattern(20_000_000);
    const sent = Promise.all([a.sendBytes(large), a.send('after it')]);
    const back = (async () => {
      const bytes = await b.recvBytes();
      await b.sendBytes(bytes);
      return b.recv();
    })();
    expect((await a.recvBytes()).equals(large)).toBe(true);
    expect(await back).toBe('after it');
    await sent;
  });

  test('a process that is killed is noticed at once', async () => {
    const listener = listenerOf(family, { authkey: 'k' });
    const program = startNode({
      code: `
        import { ClientSync } from '@mp/connection';
        const client = ClientSync(${JSON.stringify(listener.address)}, { family: '${family}', authkey: 'k' });
        client.sendSync(process.pid);
        client.recvSync();`,
    });
    const connection = closedAfterTest(await listener.accept({ timeout: 50_000 }));
    const pid = (await connection.recv()) as number;
    const receiving = outcome(connection.recv());
    process.kill(pid, 'SIGKILL');
    expect(await receiving).toBeInstanceOf(EOFError);
    expect(await program.ended).toMatchObject({ signal: 'SIGKILL' });
  });
});

test('a sender whose peer does not read waits, and goes on when it reads', async () => {
  const [a, b] = await testConnection();
  const messages = Array.from({ length: 200 }, (_, i) => pattern(100_000, i));
  let sent = 0;
  const sending = (async () => {
    for (const message of messages) {
      await a.sendBytes(message);
      sent++;
    }
  })();
  const begin = sent;
  await expect(a.recv({ timeout: 50 })).rejects.toBeInstanceOf(TimeoutError);
  expect(sent).toBeGreaterThan(begin);
  expect(sent).toBeLessThan(200);
  for (const message of messages) expect((await b.recvBytes()).equals(message)).toBe(true);
  await sending;
});

describe('a wait that ends in the middle of a message', () => {
  test.each([
    ['time', (c: Connection) => c.sendBytes(pattern(20_000_000), { timeout: 20 }), TimeoutError],
    ['signal', (c: Connection) => c.sendBytes(pattern(20_000_000), { signal: AbortSignal.timeout(20) }), AbortError],
    ['no time at all', (c: Connection) => c.sendBytes(pattern(20_000_000), { timeout: 0 }), TimeoutError],
    ['time, blocking', async (c: Connection) => c.sendBytesSync(pattern(20_000_000), { timeout: 20 }), TimeoutError],
  ])('says so (%s), and the message is finished before the next', async (_, send, cause) => {
    const [a, b] = await testConnection();
    const error = await outcome(send(a));
    expect(error).toBeInstanceOf(PartlySentError);
    expect((error as Error).cause).toBeInstanceOf(cause);
    // Nobody sends: it is finished all the same.
    expect((await b.recvBytes()).equals(pattern(20_000_000))).toBe(true);
    await a.send('the next');
    expect(await b.recv()).toBe('the next');
  });

  test('before its first byte, nothing of it was sent', async () => {
    // TCP may find room a moment later.
    const [a, b] = await testConnection('AF_UNIX');
    const begun = await fill(a);
    const error = await outcome(a.sendBytes(Buffer.from('not this'), { timeout: 10 }));
    expect(error).toBeInstanceOf(TimeoutError);
    for (let i = 0; i < begun; i++) expect((await b.recvBytes()).equals(pattern(100_000, i))).toBe(true);
    await a.sendBytes(Buffer.from('this'));
    expect((await b.recvBytes()).toString()).toBe('this');
  });

  test('while it blocks in receiving it finishes what it has begun', async () => {
    const [a, b] = await testConnection();
    expect(await outcome(a.sendBytes(pattern(20_000_000), { timeout: 0 }))).toBeInstanceOf(PartlySentError);
    const echo = (async () => {
      await b.sendBytes((await b.recvBytes()).subarray(0, 5));
    })();
    // In slices, so that the event loop can serve the other end, which is in this process too.
    for (let answered = false; !answered; answered = a.pollSync({ timeout: 1 })) await new Promise(setImmediate);
    expect(a.recvBytesSync()).toEqual(pattern(5));
    await echo;
  });
});

test('a connection that is reset is lost, for who receives and who sends', async () => {
  const listener = testListener();
  const [peer, connection] = await Promise.all([rawClient(listener.address), listener.accept()]);
  closedAfterTest(connection);
  const receiving = outcome(connection.recv());
  peer.write(frameOf('x').subarray(0, 3));
  peer.reset();
  expect(await receiving).toBeInstanceOf(ConnectionLostError);
  expect(((await receiving) as Error).cause).toMatchObject({ code: 'ECONNRESET' });
  expect(await outcome(connection.recv())).toBeInstanceOf(ConnectionLostError);
  expect(await outcome(connection.sendBytes(Buffer.alloc(10_000_000)))).toBeInstanceOf(BrokenPipeError);
  await expect(
    (async () => {
      for await (const message of connection) expect(message).toBe('never');
    })(),
  ).rejects.toBeInstanceOf(ConnectionLostError);
});

test('a loop gets every message until the orderly end', async () => {
  const [a, b] = await testConnection();
  for (let i = 0; i < 5; i++) await a.send(i);
  a.close();
  const seen: unknown[] = [];
  for await (const message of b) seen.push(message);
  expect(seen).toEqual([0, 1, 2, 3, 4]);
});

test('descriptors stay on their machine, and connections of the network in their process', async () => {
  const [a, b] = await testConnection();
  const { Pipe } = await import('@mp/connection');
  const [first, second] = Pipe().map(closedAfterTest);
  await expect(a.send({ first })).rejects.toBeInstanceOf(PicklingError);
  await expect(second?.send(a)).rejects.toThrow(/over the network/);
  await a.send('unharmed');
  expect(await b.recv()).toBe('unharmed');
});

test('a program ends while its connections are idle, and not while it waits', async () => {
  const listener = testListener();
  const connect = `import { Client } from '@mp/connection'; const c = await Client(${JSON.stringify(listener.address)});`;
  const idle = nodeChild({ code: `${connect} await c.send('idle');` });
  const first = closedAfterTest(await listener.accept({ timeout: 50_000 }));
  expect(await first.recv()).toBe('idle');
  expect(await idle).toMatchObject({ code: 0, stderr: '' });
  const waiting = nodeChild({ code: `${connect} console.log(await c.recv());` });
  const second = closedAfterTest(await listener.accept({ timeout: 50_000 }));
  await second.send('waited');
  expect(await waiting).toMatchObject({ code: 0, stdout: 'waited\n' });
});

test('what was sent when the promise is kept survives the end of the program', async () => {
  const listener = testListener();
  const code = `
    import { Client } from '@mp/connection';
    const c = await Client(${JSON.stringify(listener.address)});
    await c.sendBytes(new Uint8Array(5_000_000));
    process.exit(0);`;
  const program = nodeChild({ code });
  const connection = closedAfterTest(await listener.accept({ timeout: 50_000 }));
  expect((await connection.recvBytes()).length).toBe(5_000_000);
  expect(await program).toMatchObject({ code: 0, stderr: '' });
});

test('connections that nobody has any more are closed', async () => {
  const listener = testListener();
  const peer = await (async () => {
    const client = Client(listener.address);
    const server = await listener.accept();
    await client;
    return closedAfterTest(server);
  })();
  await until(
    () => {
      globalThis.gc?.();
      return peer.poll();
    },
    { what: 'the end of the forgotten connection' },
  );
  await expect(peer.recv()).rejects.toBeInstanceOf(EOFError);
});
