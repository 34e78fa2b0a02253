import { readdirSync } from 'node:fs';
import { Client, type Connection } from '@mp/connection';
import { checkLeaks, startNode, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import {
  closedAfterTest,
  families,
  frameOf,
  listenerOf,
  type RawPeer,
  rawClient,
  testListener,
} from './fixtures/network.ts';

checkLeaks();

const CROWD = Number(process.env.MP_CROWD ?? 200);
const authkey = 'k';

/** Echoes until everybody has left. */
async function serve(connection: Connection): Promise<void> {
  try {
    for await (const message of connection) await connection.send(message);
  } catch {
    // It was killed, or reset.
  }
  connection.close();
}

const descriptors = (): number => readdirSync('/proc/self/fd').length;

/** What clients do that are of no use. */
const hostile: Record<string, (peer: RawPeer) => void> = {
  'says nothing': () => {},
  'ends at once': (peer) => void peer.socket.end(),
  'resets at once': (peer) => peer.reset(),
  'says half of a header': (peer) => peer.write(Uint8Array.of(0, 0)),
  'says half of an answer': (peer) => peer.write(frameOf('{sha256}x').subarray(0, 8)),
  'announces a lot': (peer) => peer.write(Uint8Array.of(0x7f, 0xff, 0xff, 0xff)),
  'speaks HTTP': (peer) => peer.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  guesses: (peer) => peer.write(frameOf(`{sha256}${'x'.repeat(32)}`)),
};

describe.each(families)('over %s', (family) => {
  test('a hostile client of every kind does not hold up an honest one', async () => {
    const listener = listenerOf(family, { authkey, handshakeTimeout: 60_000 });
    const accepted = listener.accept();
    const peers: RawPeer[] = [];
    for (const act of Object.values(hostile)) {
      const peer = await rawClient(listener.address);
      act(peer);
      peers.push(peer);
    }
    const honest = closedAfterTest(await Client(listener.address, { authkey, timeout: 50_000 }));
    void serve(await accepted);
    await honest.send('through');
    expect(await honest.recv()).toBe('through');
    for (const peer of peers) peer.socket.destroy();
    honest.close();
  });
});

test('a blocked thread is not held up either', async () => {
  const listener = testListener({ authkey, handshakeTimeout: 60_000 });
  const silent = await Promise.all(Array.from({ length: 10 }, () => rawClient(listener.address)));
  const program = startNode({
    code: `
      import { ClientSync } from '@mp/connection';
      const client = ClientSync(${JSON.stringify(listener.address)}, { authkey: '${authkey}' });
      client.sendSync('through');
      client.recvSync();`,
  });
  const connection = closedAfterTest(listener.acceptSync({ timeout: 50_000 }));
  expect(connection.recvSync({ timeout: 50_000 })).toBe('through');
  connection.sendSync('over');
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  expect(silent).toHaveLength(10);
});

test('a blocked thread sends silent clients away, too', async () => {
  const rejected: Error[] = [];
  const listener = testListener({ authkey, handshakeTimeout: 10, onRejected: (error) => rejected.push(error) });
  // In the line of the system: nobody accepts it before the thread is blocked.
  const silent = await rawClient(listener.address);
  expect(rejected).toEqual([]);
  expect(() => listener.acceptSync({ timeout: 1000 })).toThrow(/did not come/);
  expect(rejected).toHaveLength(1);
  await silent.untilEnded();
});

test('when more come than may, the oldest of those who are silent has to leave', async () => {
  const rejected: Error[] = [];
  const listener = testListener({ authkey, maxHandshakes: 5, onRejected: (error) => rejected.push(error) });
  const accepted = listener.accept();
  const silent: RawPeer[] = [];
  for (let i = 0; i < 12; i++) {
    const peer = await rawClient(listener.address);
    await peer.read(1);
    silent.push(peer);
  }
  expect(rejected).toHaveLength(7);
  await Promise.all(silent.slice(0, 7).map((peer) => peer.untilEnded()));
  expect(silent.slice(7).map((peer) => peer.ended)).toEqual([false, false, false, false, false]);
  const honest = closedAfterTest(await Client(listener.address, { authkey }));
  closedAfterTest(await accepted);
  expect(honest.closed).toBe(false);
});

test(`${CROWD} clients connect, die and linger, and the server goes on serving`, {
  timeout: 120_000 + CROWD * 50,
}, async () => {
  const rejected: Error[] = [];
  const listener = testListener({ authkey, handshakeTimeout: 60_000, onRejected: (error) => rejected.push(error) });
  const before = descriptors();
  let served = 0;
  const serving: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      served++;
      serving.push(serve(connection));
    }
  })();
  const lingering: RawPeer[] = [];
  const kinds = Object.values(hostile);
  let honest = 0;
  const visit = async (i: number): Promise<void> => {
    if (i % 2 === 0) {
      const peer = await rawClient(listener.address);
      kinds[(i >> 1) % kinds.length]?.(peer);
      lingering.push(peer);
      return;
    }
    honest++;
    const client = await Client(listener.address, { authkey });
    await client.send([i]);
    expect(await client.recv()).toEqual([i]);
    // Some leave in the middle of a message.
    if (i % 3 === 0) client.sendBytes(new Uint8Array(3_000_000)).catch(() => {});
    client.close();
  };
  for (let i = 0; i < CROWD; i += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => visit(i + j)));
  const last = await Client(listener.address, { authkey });
  await last.send('still there?');
  expect(await last.recv()).toBe('still there?');
  last.close();
  await until(() => served === honest + 1, { what: 'everybody to be served' });
  for (const peer of lingering) peer.socket.destroy();
  await Promise.all(serving);
  await until(() => rejected.length === CROWD - honest, { what: 'the others to be turned away' });
  listener.close();
  await accepting;
  await until(() => descriptors() <= before, { what: 'all descriptors to be given back' });
});

test('processes that connect and are killed at any moment leave nothing', async () => {
  const listener = testListener({ authkey });
  const serving: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) serving.push(serve(connection));
  })();
  const code = `
    import { ClientSync } from '@mp/connection';
    console.log('ready');
    for (;;) {
      const client = ClientSync(${JSON.stringify(listener.address)}, { authkey: '${authkey}' });
      for (let i = 0; i < 5; i++) {
        client.sendSync(new Uint8Array(i * 50_000));
        client.recvSync();
      }
      client.close();
    }`;
  const kills = Number(process.env.MP_KILLS ?? 4);
  for (let i = 0; i < kills; i++) {
    const program = startNode({ code });
    await until(() => program.stdout.includes('ready'), { what: 'the program' });
    const begun = serving.length;
    await until(() => serving.length > begun + i * 3, { what: 'some connections' });
    process.kill(program.pid as number, 'SIGKILL');
    await program.ended;
  }
  await Promise.all(serving);
  const last = closedAfterTest(await Client(listener.address, { authkey }));
  await last.send('still there?');
  expect(await last.recv()).toBe('still there?');
  last.close();
  listener.close();
  await accepting;
});
