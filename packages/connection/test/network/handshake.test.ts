import { createHmac } from 'node:crypto';
import { AuthenticationError, Client, type ListenerOptions } from '@mp/connection';
import { checkLeaks, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { closedAfterTest, frameOf, rawClient, rawServer, testListener } from './fixtures/network.ts';

checkLeaks();

const key = 'our secret';
const hmac = (digest: string, message: Uint8Array, secret = key): Buffer =>
  createHmac(digest, secret).update(message).digest();
const CHALLENGE = Buffer.from('#CHALLENGE#');

/** A listener, and why it turned clients away. */
function listening(options: ListenerOptions = {}): { listener: ReturnType<typeof testListener>; rejected: Error[] } {
  const rejected: Error[] = [];
  return {
    listener: testListener({ authkey: key, onRejected: (error) => rejected.push(error), ...options }),
    rejected,
  };
}

describe('the listener', () => {
  test('asks as CPython 3.12 and newer do, and proves itself afterwards', async () => {
    const { listener } = listening();
    const accepted = listener.accept();
    const peer = await rawClient(listener.address);
    const challenge = await peer.readFrame();
    expect(challenge.length).toBe(59);
    expect(challenge.subarray(0, 19).toString()).toBe('#CHALLENGE#{sha256}');
    const message = challenge.subarray(11);
    peer.write(frameOf(Buffer.concat([Buffer.from('{sha256}'), hmac('sha256', message)])));
    expect((await peer.readFrame()).toString()).toBe('#WELCOME#');
    const question = Buffer.concat([Buffer.from('{sha384}'), Buffer.alloc(40, 7)]);
    peer.write(frameOf(Buffer.concat([CHALLENGE, question])));
    expect(await peer.readFrame()).toEqual(Buffer.concat([Buffer.from('{sha384}'), hmac('sha384', question)]));
    peer.write(frameOf('#WELCOME#'));
    const connection = closedAfterTest(await accepted);
    await connection.sendBytes(Buffer.from('inside'));
    expect((await peer.readFrame()).toString()).toBe('inside');
  });

  test('never asks the same twice', async () => {
    const { listener } = listening();
    const accepting = listener.accept().catch(() => {});
    const questions = new Set<string>();
    for (let i = 0; i < 10; i++) {
      const peer = await rawClient(listener.address);
      questions.add((await peer.readFrame()).toString('hex'));
    }
    expect(questions.size).toBe(10);
    listener.close();
    await accepting;
  });

  test.each([
    ['sha256', 'sha256'],
    ['sha384', 'sha384'],
    ['sha3_256', 'sha3-256'],
    ['sha3_384', 'sha3-384'],
  ])('takes a proof by %s', async (name, digest) => {
    const { listener } = listening();
    const accepted = listener.accept().catch(() => {});
    const peer = await rawClient(listener.address);
    const message = (await peer.readFrame()).subarray(11);
    peer.write(frameOf(Buffer.concat([Buffer.from(`{${name}}`), hmac(digest, message)])));
    expect((await peer.readFrame()).toString()).toBe('#WELCOME#');
    listener.close();
    await accepted;
  });

  test.each([
    ['{md5} by name', (message: Buffer) => Buffer.concat([Buffer.from('{md5}'), hmac('md5', message)])],
    ['the form of CPython 3.11', (message: Buffer) => hmac('md5', message)],
  ])('takes MD5 only if asked for: %s', async (_, prove) => {
    for (const allowMd5 of [false, true]) {
      const { listener, rejected } = listening({ allowMd5 });
      const accepted = listener.accept().catch(() => {});
      const peer = await rawClient(listener.address);
      peer.write(frameOf(prove((await peer.readFrame()).subarray(11))));
      expect((await peer.readFrame()).toString()).toBe(allowMd5 ? '#WELCOME#' : '#FAILURE#');
      if (!allowMd5) expect(rejected[0]?.message).toMatch(/allowMd5/);
      listener.close();
      await accepted;
    }
  });

  test.each<[string, (message: Buffer) => Uint8Array | string, RegExp]>([
    ['a proof with another key', (m) => Buffer.concat([Buffer.from('{sha256}'), hmac('sha256', m, 'no')]), /different/],
    [
      'a proof that leaves out the name of the digest',
      (m) => Buffer.concat([Buffer.from('{sha256}'), hmac('sha256', m.subarray(8))]),
      /different/,
    ],
    ['a proof that is too short', () => `{sha256}${'x'.repeat(31)}`, /31 bytes/],
    ['nothing', () => '', /0 bytes names no digest/],
    ['a digest that nobody has', () => `{sha1}${'x'.repeat(20)}`, /names no digest/],
    ['a name out of Object.prototype', () => `{toString}${'x'.repeat(20)}`, /names no digest/],
    ['the question', (m) => Buffer.concat([CHALLENGE, m]), /names no digest/],
    ['bytes without a name', () => 'x'.repeat(100), /names no digest/],
  ])('turns away who answers with %s', async (_, answer, why) => {
    const { listener, rejected } = listening();
    const accepted = listener.accept().catch((error) => error);
    const peer = await rawClient(listener.address);
    peer.write(frameOf(answer((await peer.readFrame()).subarray(11))));
    expect((await peer.readFrame()).toString()).toBe('#FAILURE#');
    await peer.untilEnded();
    expect(rejected).toEqual([expect.any(AuthenticationError)]);
    expect(rejected[0]?.message).toMatch(why);
    const good = await Client(listener.address, { authkey: key });
    closedAfterTest(await accepted);
    closedAfterTest(good);
  });

  test('reads no more than 256 bytes of a stranger', async () => {
    const { listener, rejected } = listening();
    const accepting = listener.accept().catch(() => {});
    const peer = await rawClient(listener.address);
    peer.write(frameOf(Buffer.alloc(257)));
    await peer.untilEnded();
    expect(rejected[0]).toMatchObject({ code: 'ERR_MP_MESSAGE_TOO_LONG' });
    listener.close();
    await accepting;
  });

  test('turns away who is silent for too long, and says so to its owner', async () => {
    const { listener, rejected } = listening({ handshakeTimeout: 20 });
    const accepting = listener.accept().catch(() => {});
    const peer = await rawClient(listener.address);
    await peer.untilEnded();
    expect(rejected[0]?.message).toMatch(/within 20 ms/);
    listener.close();
    await accepting;
  });
});

describe('the client', () => {
  test('answers before it asks', async () => {
    const { address, accepted } = await rawServer();
    const connecting = Client(address, { authkey: key });
    const peer = await accepted;
    const question = Buffer.concat([Buffer.from('{sha3_256}'), Buffer.alloc(40, 9)]);
    peer.write(frameOf(Buffer.concat([CHALLENGE, question])));
    expect(await peer.readFrame()).toEqual(Buffer.concat([Buffer.from('{sha3_256}'), hmac('sha3-256', question)]));
    peer.write(frameOf('#WELCOME#'));
    const message = (await peer.readFrame()).subarray(11);
    peer.write(frameOf(Buffer.concat([Buffer.from('{sha256}'), hmac('sha256', message)])));
    expect((await peer.readFrame()).toString()).toBe('#WELCOME#');
    closedAfterTest(await connecting);
  });

  test('answers a question of CPython 3.11 only if MD5 is allowed', async () => {
    const question = Buffer.alloc(20, 3);
    for (const allowMd5 of [false, true]) {
      const { address, accepted } = await rawServer();
      const connecting = Client(address, { authkey: key, allowMd5 }).catch((error) => error);
      const peer = await accepted;
      peer.write(frameOf(Buffer.concat([CHALLENGE, question])));
      if (allowMd5) {
        expect(await peer.readFrame()).toEqual(hmac('md5', question));
        peer.socket.end();
      }
      expect(await connecting).toMatchObject({
        code: 'ERR_MP_AUTHENTICATION',
        message: expect.stringMatching(allowMd5 ? /ended the connection during the handshake/ : /allowMd5/),
      });
    }
  });

  test.each([
    ['a question that is too short', '#CHALLENGE#{sha256}short', /too short/],
    ['no question', 'HTTP/1.1 400 Bad Request', /did not ask for a proof/],
    ['nothing', '', /did not ask for a proof/],
  ])('gives up on %s', async (_, said, why) => {
    const { address, accepted } = await rawServer();
    const connecting = Client(address, { authkey: key });
    (await accepted).write(frameOf(said));
    await expect(connecting).rejects.toBeInstanceOf(AuthenticationError);
    await expect(connecting).rejects.toThrow(why);
  });

  test('is told that its key is the wrong one', async () => {
    const { listener, rejected } = listening();
    const accepting = listener.accept().catch(() => {});
    await expect(Client(listener.address, { authkey: 'another' })).rejects.toThrow(/rejected our proof/);
    await until(() => rejected.length === 1, { what: 'the rejection' });
    listener.close();
    await accepting;
  });

  test('does not take a listener for authentic that has another key', async () => {
    const { address, accepted } = await rawServer();
    const connecting = Client(address, { authkey: key });
    const peer = await accepted;
    peer.write(frameOf(Buffer.concat([CHALLENGE, Buffer.from('{sha256}'), Buffer.alloc(40)])));
    await peer.readFrame();
    peer.write(frameOf('#WELCOME#'));
    const message = (await peer.readFrame()).subarray(11);
    peer.write(frameOf(Buffer.concat([Buffer.from('{sha256}'), hmac('sha256', message, 'a guess')])));
    await expect(connecting).rejects.toThrow(/proof of the peer is wrong/);
    expect((await peer.readFrame()).toString()).toBe('#FAILURE#');
  });

  test('without a key gets nowhere, and with one where none is wanted, neither', async () => {
    const { listener } = listening({ handshakeTimeout: 200 });
    const accepting = listener.accept().catch(() => {});
    const keyless = closedAfterTest(await Client(listener.address));
    // What it receives is the question; what comes then is the end.
    expect((await keyless.recvBytes()).subarray(0, 11)).toEqual(CHALLENGE);
    await expect(keyless.recvBytes()).rejects.toMatchObject({ code: 'ERR_MP_EOF' });
    listener.close();
    await accepting;
    const open = testListener();
    await expect(Client(open.address, { authkey: key, timeout: 50 })).rejects.toThrow(/did not finish the handshake/);
  });
});

test.each(['plain', 'pickle'] as const)('who has no key is told that one is asked for (%s)', async (codec) => {
  const { listener } = listening();
  const accepting = listener.accept().catch(() => {});
  const keyless = closedAfterTest(await Client(listener.address, { codec }));
  await expect(keyless.recv()).rejects.toThrow(/Give the option authkey/);
  listener.close();
  await accepting;
});

test('an empty key is a key: it is asked for', async () => {
  const { listener } = listening({ authkey: '' });
  const accepted = listener.accept();
  const client = closedAfterTest(await Client(listener.address, { authkey: new Uint8Array(0) }));
  await client.send('in');
  expect(await closedAfterTest(await accepted).recv()).toBe('in');
});

/** What may be said in a handshake, in any order. */
const PARTS = [
  '#CHALLENGE#',
  '#WELCOME#',
  '#FAILURE#',
  '{sha256}',
  '{md5}',
  '{',
  '}',
  '\0',
  'x'.repeat(16),
  'x'.repeat(40),
];

test('random listeners learn nothing that they could use, and keep no client waiting', async () => {
  const rounds = Math.ceil(Number(process.env.MP_FUZZ_ROUNDS ?? 150) / 3);
  for (let round = 0; round < rounds; round++) {
    const { address, accepted } = await rawServer();
    const connecting = Client(address, { authkey: key, allowMd5: true, timeout: 50_000 }).catch((error) => error);
    const peer = await accepted;
    const said: string[] = [];
    for (let i = 0; i < 3; i++) {
      const count = Math.floor(Math.random() * 4);
      said.push(Array.from({ length: count }, () => PARTS[Math.floor(Math.random() * PARTS.length)]).join(''));
      peer.write(Math.random() < 0.8 ? frameOf(said[i] as string) : (said[i] as string));
    }
    peer.socket.end();
    const { code } = await connecting;
    const ends = [
      'ERR_MP_AUTHENTICATION',
      'ERR_MP_NETWORK_PROTOCOL',
      'ERR_MP_MESSAGE_TOO_LONG',
      'ERR_MP_CONNECTION_LOST',
    ];
    expect(ends, JSON.stringify(said)).toContain(code);
    expect(peer.received.includes(key)).toBe(false);
  }
});

test('random handshakes let nobody in', async () => {
  const { listener, rejected } = listening({ handshakeTimeout: 5000 });
  let entered = 0;
  const accepting = listener.accept().then(
    () => entered++,
    () => {},
  );
  const rounds = Number(process.env.MP_FUZZ_ROUNDS ?? 150);
  for (let round = 0; round < rounds; round++) {
    const peer = await rawClient(listener.address);
    for (let i = 0; i < 3; i++) {
      const count = Math.floor(Math.random() * 4);
      const said = Array.from({ length: count }, () => PARTS[Math.floor(Math.random() * PARTS.length)]).join('');
      peer.write(Math.random() < 0.8 ? frameOf(said) : said);
    }
    peer.socket.end();
    await peer.untilEnded();
  }
  await until(() => rejected.length === rounds, { what: 'everybody to be turned away' });
  expect(entered).toBe(0);
  listener.close();
  await accepting;
});
