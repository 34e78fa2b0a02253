import { readFileSync } from 'node:fs';
import {
  Client,
  type ClientOptions,
  ClientSync,
  type Connection,
  Listener,
  type ListenerOptions,
  wait,
  waitSync,
} from '@mp/connection';
import { EOFError, TimeoutError } from '@mp/errors';
import { checkLeaks, startNode, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { outcome, pattern } from '../fixtures/pipes.ts';
import { closedAfterTest, rawClient, testListener } from './fixtures/network.ts';

checkLeaks();

const file = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const ca = file('authority.pem');
const server = { cert: file('server.pem'), key: file('server.key.pem') };
const client = { cert: file('client.pem'), key: file('client.key.pem') };

async function tlsPair(
  listening: ListenerOptions = {},
  connecting: ClientOptions = {},
): Promise<[client: Connection, server: Connection]> {
  const listener = testListener({ tls: server, ...listening });
  const accepted = listener.accept();
  const ours = closedAfterTest(await Client(listener.address, { tls: { ca }, ...connecting }));
  return [ours, closedAfterTest(await accepted)];
}

test('messages arrive as they were, in order, with and without an authkey', async () => {
  for (const options of [{}, { authkey: 'k' }]) {
    const [a, b] = await tlsPair(options, options);
    await a.send({ n: 1n, when: new Date(0) });
    await a.sendBytes(Buffer.alloc(0));
    expect(await b.recv()).toEqual({ n: 1n, when: new Date(0) });
    expect((await b.recvBytes()).length).toBe(0);
    const large = pattern(5_000_000);
    const sent = Promise.all([a.sendBytes(large), a.send('after it')]);
    expect((await b.recvBytes()).equals(large)).toBe(true);
    expect(await b.recv()).toBe('after it');
    await sent;
  }
});

test('nothing of it can be read on the way', async () => {
  const listener = testListener({ tls: server, authkey: 'k' });
  const accepting = listener.accept().catch(() => {});
  const peer = await rawClient(listener.address);
  peer.write('GET / HTTP/1.1\r\n\r\n');
  await peer.untilEnded();
  expect(peer.received.toString('latin1')).not.toContain('#CHALLENGE#');
  listener.close();
  await accepting;
});

test('the end of the other side is an orderly one', async () => {
  const [a, b] = await tlsPair();
  await a.send('last');
  a.close();
  expect(await b.recv()).toBe('last');
  await expect(b.recv()).rejects.toBeInstanceOf(EOFError);
  expect(await b.poll()).toBe(true);
});

test('waits end by their time, and by wait', async () => {
  const [a, b] = await tlsPair();
  await expect(b.recv({ timeout: 5 })).rejects.toBeInstanceOf(TimeoutError);
  expect(await wait([a, b], { timeout: 5 })).toEqual([]);
  const waiting = wait([a, b]);
  await a.send(1);
  expect(await waiting).toEqual([b]);
  expect(await b.recv()).toBe(1);
});

test('a process that is killed is noticed', async () => {
  const listener = testListener({ tls: server });
  const program = startNode({
    code: `
      import { Client } from '@mp/connection';
      const client = await Client(${JSON.stringify(listener.address)}, { tls: { ca: ${JSON.stringify(ca)} } });
      await client.send(process.pid);
      await client.recv();`,
  });
  const connection = closedAfterTest(await listener.accept({ timeout: 50_000 }));
  const receiving = outcome(connection.recv());
  process.kill((await receiving) as number, 'SIGKILL');
  const error = await outcome(connection.recv());
  expect((error as { code: string }).code).toMatch(/ERR_MP_(EOF|CONNECTION_LOST)/);
  await program.ended;
});

describe('forms that block the thread', () => {
  test('say that they cannot work here, before anything was sent', async () => {
    const [a, b] = await tlsPair();
    const forms: [string, () => unknown][] = [
      ['sendSync', () => a.sendSync(1)],
      ['sendBytesSync', () => a.sendBytesSync(Buffer.alloc(1))],
      ['recvSync', () => a.recvSync()],
      ['recvBytesSync', () => a.recvBytesSync()],
      ['recvBytesIntoSync', () => a.recvBytesIntoSync(Buffer.alloc(1))],
      ['pollSync', () => a.pollSync()],
    ];
    for (const [name, call] of forms) {
      expect(call).toThrow(
        expect.objectContaining({ code: 'ERR_MP_TLS_SYNC', message: expect.stringContaining(name) }),
      );
    }
    expect(() => waitSync([a])).toThrow(/TLS/);
    const listener = testListener({ tls: server });
    expect(() => listener.acceptSync()).toThrow(/TLS/);
    expect(() => waitSync([listener])).toThrow(/TLS/);
    expect(() => ClientSync(listener.address, { tls: { ca } } as never)).toThrow(/TLS/);
    await b.send('first');
    expect(await a.recv()).toBe('first');
  });
});

describe('certificates', () => {
  test('that are none are refused at once, on both sides', async () => {
    expect(() => new Listener(['127.0.0.1', 0], { tls: { cert: 'x', key: 'y' } })).toThrow(/PEM/);
    const listener = testListener({ tls: server });
    await expect(Client(listener.address, { tls: { cert: 'x', key: 'y' } })).rejects.toThrow(/PEM/);
  });

  test('of a server that nobody vouches for are refused', async () => {
    const listener = testListener({ tls: server });
    const accepting = listener.accept().catch(() => {});
    await expect(Client(listener.address, { tls: {} })).rejects.toThrow(/certificate/);
    listener.close();
    await accepting;
  });

  test('of a server of another name are refused', async () => {
    const listener = testListener({ tls: server });
    const accepting = listener.accept().catch(() => {});
    await expect(Client(listener.address, { tls: { ca, servername: 'else.example' } })).rejects.toThrow(/altnames/);
    listener.close();
    await accepting;
  });

  test('of clients may be asked for, which is as good as an authkey', async () => {
    const rejected: Error[] = [];
    const tls = { ...server, ca, requestCert: true };
    const listener = new Listener(['0.0.0.0', 0], {
      tls,
      codec: 'trusted',
      onRejected: (error) => rejected.push(error),
    });
    closedAfterTest(listener);
    const address = ['127.0.0.1', (listener.address as readonly [string, number])[1]] as const;
    const accepted = listener.accept();
    const nobody = await outcome(Client(address, { tls: { ca } }));
    // In TLS 1.3 the client learns it when it first receives.
    if (!(nobody instanceof Error)) await expect(closedAfterTest(nobody).recv()).rejects.toThrow();
    await until(() => rejected.length === 1, { what: 'the rejection' });
    const known = closedAfterTest(await Client(address, { tls: { ...client, ca }, codec: 'trusted' }));
    await known.send(parseInt);
    expect(await closedAfterTest(await accepted).recv()).toBe(parseInt);
  });
});

test('who says nothing, or something else, disturbs nobody', async () => {
  const rejected: Error[] = [];
  const onRejected = (error: Error): unknown => rejected.push(error);
  const listener = testListener({ tls: server, handshakeTimeout: 60_000, onRejected });
  const accepted = listener.accept();
  const silent = await rawClient(listener.address);
  const other = await rawClient(listener.address);
  other.write('hello\n'.repeat(100));
  closedAfterTest(await Client(listener.address, { tls: { ca } }));
  closedAfterTest(await accepted);
  await other.untilEnded();
  expect(rejected).toHaveLength(1);
  silent.socket.destroy();
});

test('who says nothing for too long is turned away', async () => {
  const rejected: Error[] = [];
  const onRejected = (error: Error): unknown => rejected.push(error);
  const listener = testListener({ tls: server, handshakeTimeout: 50, onRejected });
  const accepting = listener.accept().catch(() => {});
  const silent = await rawClient(listener.address);
  await silent.untilEnded();
  expect(rejected).toHaveLength(1);
  listener.close();
  await accepting;
});
