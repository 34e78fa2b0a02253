import { inspect } from 'node:util';
import { AuthKey, Client, InsecureListenerError, Listener, Pipe } from '@mp/connection';
import { callable, dumps, PicklingError, register, UnpicklingError } from '@mp/reduction';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { closedAfterTest, testConnection, testListener } from './fixtures/network.ts';

checkLeaks();

describe('listening beyond this machine', () => {
  test.each([
    ['0.0.0.0', {}],
    ['', {}],
    ['::', {}],
    ['0.0.0.0', { authkey: '' }],
    ['0.0.0.0', { tls: { requestCert: false } }],
    ['0.0.0.0', { tls: { requestCert: true, rejectUnauthorized: false, ca: 'x' } }],
    ['0.0.0.0', { tls: { requestCert: true } }],
  ])('on %j with %j is refused: nobody would have to prove anything', (host, options) => {
    expect(() => new Listener([host, 0], options)).toThrow(InsecureListenerError);
    expect(() => new Listener([host, 0], options)).toThrow(/authkey/);
  });

  test.each(['0.0.0.0', ''])('on %j with an authkey is allowed', async (host) => {
    const listener = testListener({ authkey: 'k' }, [host, 0]);
    const accepted = listener.accept();
    const port = (listener.address as readonly [string, number])[1];
    const client = closedAfterTest(await Client(['127.0.0.1', port], { authkey: 'k' }));
    closedAfterTest(await accepted);
    expect(client.closed).toBe(false);
  });

  test.each([['127.0.0.1'], ['127.1.2.3'], ['::1'], ['localhost']])('%s is this machine', (host) => {
    expect(testListener({}, [host, 0]).closed).toBe(false);
  });
});

describe('a key', () => {
  const secret = 'very secret';
  const key = new AuthKey(secret);

  test('is never shown', () => {
    const shown = [
      String(key),
      `${key}`,
      inspect(key),
      inspect({ key }, { depth: 9, showHidden: true }),
      JSON.stringify({ key }),
    ];
    for (const text of shown) {
      expect(text).not.toContain(secret);
      expect(text).toContain('<AuthKey>');
    }
    expect(Object.values(key)).toEqual([]);
    expect(() => structuredClone(key)).not.toThrow();
    expect(inspect(structuredClone(key))).not.toContain(secret);
  });

  test('is never sent by accident', async () => {
    const [a, b] = Pipe().map(closedAfterTest);
    await expect(a?.send({ key })).rejects.toBeInstanceOf(PicklingError);
    expect(() => dumps(key)).toThrow(/does not travel/);
    await a?.send('unharmed');
    expect(await b?.recv()).toBe('unharmed');
  });

  test('is in no error, and in nothing that is inspected', async () => {
    const listener = testListener({ authkey: secret });
    const accepting = listener.accept().catch(() => {});
    const error = await Client(listener.address, { authkey: `${secret}?` }).catch((thrown) => thrown);
    expect(inspect([error, listener], { depth: 9, showHidden: true })).not.toContain(secret);
    expect(() => new AuthKey(secret.length as never)).toThrow(TypeError);
    listener.close();
    await accepting;
  });

  test('is the same as bytes, as text and as a key', async () => {
    const listener = testListener({ authkey: key });
    for (const authkey of [secret, Buffer.from(secret), key, new AuthKey(key.reveal())]) {
      const accepted = listener.accept();
      const client = closedAfterTest(await Client(listener.address, { authkey }));
      closedAfterTest(await accepted);
      expect(client.closed).toBe(false);
    }
  });

  test('is a copy of what was given', () => {
    const bytes = Buffer.from('abc');
    const copied = new AuthKey(bytes);
    bytes.fill(0);
    copied.reveal().fill(1);
    expect(Buffer.from(copied.reveal()).toString()).toBe('abc');
    expect(AuthKey.random().reveal()).not.toEqual(AuthKey.random().reveal());
  });
});

describe('what comes over the network', () => {
  class Allowed {
    readonly value: number;
    constructor(value: number) {
      this.value = value;
    }
  }
  register(Allowed, {
    name: 'test/network/Allowed',
    untrusted: true,
    reduce: ({ value }) => value,
    rebuild: (value: number) => new Allowed(value),
  });

  test.each<[string, unknown]>([
    ['a function', parseInt],
    ['a function of a module', checkLeaks],
    ['a closure', callable(checkLeaks)],
    ['a class', URL],
  ])('cannot name code: %s is refused, and the next message arrives', async (_, value) => {
    const [a, b] = await testConnection();
    await a.send([value]);
    await expect(b.recv()).rejects.toBeInstanceOf(UnpicklingError);
    await a.send([value]);
    expect(() => b.recvSync()).toThrow(/untrusted/);
    await a.send('next');
    expect(await b.recv()).toBe('next');
  });

  test('may be an instance of a class that its owner has allowed', async () => {
    const [a, b] = await testConnection();
    await a.send(new Allowed(5));
    expect(await b.recv()).toEqual(new Allowed(5));
  });

  test('may name code if its owner trusts who has the key', async () => {
    const [a, b] = await testConnection('AF_INET', { authkey: 'k', codec: 'trusted' });
    await a.send(checkLeaks);
    expect(await b.recv()).toBe(checkLeaks);
    a.sendSync(parseInt);
    expect(b.recvSync()).toBe(parseInt);
  });

  test('is never trusted without a key', async () => {
    expect(() => new Listener(['127.0.0.1', 0], { codec: 'trusted' })).toThrow(/authkey/);
    expect(() => new Listener(['127.0.0.1', 0], { codec: 'trusted', authkey: '' })).toThrow(/authkey/);
    const listener = testListener();
    await expect(Client(listener.address, { codec: 'trusted' })).rejects.toThrow(/authkey/);
  });
});
