import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { Client, ClientSync, type Connection, Listener, wait, waitSync } from '@mp/connection';
import { AbortError, ClosedError, TimeoutError } from '@mp/errors';
import { checkLeaks, collectUntil, nodeChild, startNode } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { closedAfterTest, families, hostOf, listenerOf, portOf, testListener } from './fixtures/network.ts';

checkLeaks();

describe.each(families)('%s', (family) => {
  test('both forms of both sides meet', async () => {
    const listener = listenerOf(family, { authkey: 'k' });
    const accepted = listener.accept();
    const client = closedAfterTest(await Client(listener.address, { family, authkey: 'k' }));
    const server = closedAfterTest(await accepted);
    await client.send({ from: 'client' });
    expect(server.recvSync({ timeout: 50_000 })).toEqual({ from: 'client' });
    server.sendSync(['answer']);
    expect(await client.recv()).toEqual(['answer']);
  });

  test('a blocked thread accepts and connects', async () => {
    const listener = listenerOf(family, { authkey: 'k' });
    const program = startNode(
      {
        code: `
        import { ClientSync } from '@mp/connection';
        const client = ClientSync(${JSON.stringify(listener.address)}, { family: '${family}', authkey: 'k' });
        client.sendSync(client.recvSync() + 1);`,
      },
      {},
    );
    const server = closedAfterTest(listener.acceptSync({ timeout: 50_000 }));
    server.sendSync(41);
    expect(server.recvSync({ timeout: 50_000 })).toBe(42);
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('the address is where it really listens, and says who came last', async () => {
    const listener = listenerOf(family);
    if (family === 'AF_UNIX') expect(listener.address).toMatch(/\/mp-.*\/listener$/);
    else expect(listener.address).toEqual([family === 'AF_INET' ? '127.0.0.1' : '::1', expect.any(Number)]);
    expect(listener.lastAccepted).toBeUndefined();
    const client = closedAfterTest(await Client(listener.address));
    closedAfterTest(await listener.accept());
    expect(client.fileno()).toBeGreaterThan(2);
    if (family === 'AF_UNIX') expect(listener.lastAccepted).toBe('');
    else expect(hostOf(listener.lastAccepted)).toBe(hostOf(listener.address));
  });

  test('after close nobody waits, and nobody connects', async () => {
    const listener = listenerOf(family);
    const waiting = listener.accept();
    listener.close();
    listener.close();
    await expect(waiting).rejects.toBeInstanceOf(ClosedError);
    await expect(listener.accept()).rejects.toThrow(/closed by this process/);
    expect(() => listener.acceptSync()).toThrow(ClosedError);
    expect(listener.closed).toBe(true);
    expect(inspect(listener)).toBe('<Listener closed>');
    const code = family === 'AF_UNIX' ? 'ENOENT' : 'ECONNREFUSED';
    await expect(Client(listener.address)).rejects.toMatchObject({ code });
    expect(() => ClientSync(listener.address)).toThrow(expect.objectContaining({ code }));
  });

  test('connections that nobody accepted are ended with it', async () => {
    const listener = listenerOf(family);
    const client = closedAfterTest(await Client(listener.address));
    listener.close();
    await expect(client.recv()).rejects.toThrow();
  });
});

describe('addresses', () => {
  test('a unix socket has its path while it listens, and no longer', async () => {
    const path = join(tmpdir(), 'a-socket');
    const listener = testListener({}, path);
    expect(statSync(path).isSocket()).toBe(true);
    expect(listener.address).toBe(path);
    listener.close();
    expect(existsSync(path)).toBe(false);
  });

  test('a path that was made has a folder that only this user may enter', () => {
    const listener = listenerOf('AF_UNIX');
    const folder = dirname(listener.address as string);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    listener.close();
    expect(existsSync(folder)).toBe(false);
  });

  test('a folder for temporary files whose path is too long for a socket is no obstacle', async () => {
    const { code, stdout } = await nodeChild(
      {
        code: `
          import { Client, Listener } from '@mp/connection';
          const listener = new Listener();
          const [client, server] = await Promise.all([Client(listener.address), listener.accept()]);
          await client.send('through');
          console.log(await server.recv(), listener.address.startsWith('/tmp/mp-'));
          for (const each of [client, server, listener]) each.close();`,
      },
      { env: { TMPDIR: `/tmp/${'x'.repeat(100)}` } },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'through true\n' });
  });

  test('what somebody else has put in the place of the socket is not removed', () => {
    const path = join(tmpdir(), 'b-socket');
    const first = testListener({}, path);
    const elsewhere = mkdtempSync(join(tmpdir(), 'x-'));
    expect(() => new Listener(path)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
    expect(() => new Listener(path)).toThrow(/remove the file/);
    expect(existsSync(elsewhere)).toBe(true);
    expect(statSync(path).isSocket()).toBe(true);
    first.close();
    writeFileSync(path, 'a file');
    first.close();
    expect(existsSync(path)).toBe(true);
  });

  test('a program that ends without closing leaves no socket behind', async () => {
    const { stdout, code } = await nodeChild({
      code: `import { Listener } from '@mp/connection'; console.log(new Listener().address);`,
    });
    expect(code).toBe(0);
    expect(existsSync(dirname(stdout.trim()))).toBe(false);
  });

  test('abstract names leave nothing in the file system', async () => {
    const name = `\0mp-test-${process.pid}`;
    const listener = testListener({}, name);
    expect(listener.address).toBe(name);
    const accepted = listener.accept();
    closedAfterTest(await Client(name));
    closedAfterTest(await accepted);
    listener.close();
    await expect(Client(name)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a port that is taken says so, and which', () => {
    const { address } = testListener();
    expect(() => new Listener(address)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
    expect(() => new Listener(address)).toThrow(`${hostOf(address)}:${portOf(address)}`);
  });

  test('names of hosts are looked up', async () => {
    const listener = testListener({}, ['localhost', 0]);
    expect(hostOf(listener.address)).toBe('127.0.0.1');
    const accepted = listener.accept();
    closedAfterTest(await Client(['localhost', portOf(listener.address)]));
    closedAfterTest(await accepted);
  });

  test.each<[string, unknown, object, string]>([
    ['a number', 5, {}, 'ERR_INVALID_ARG_VALUE'],
    ['a pair the other way round', [80, 'localhost'], {}, 'ERR_INVALID_ARG_VALUE'],
    ['a port that is none', ['localhost', 70_000], {}, 'ERR_OUT_OF_RANGE'],
    ['a port with a fraction', ['localhost', 0.5], {}, 'ERR_OUT_OF_RANGE'],
    ['an empty path', '', {}, 'ERR_INVALID_ARG_VALUE'],
    ['a path with NUL inside', 'a\0b', {}, 'ERR_INVALID_ARG_VALUE'],
    ['a path that is too long', `/tmp/${'x'.repeat(108)}`, {}, 'ERR_INVALID_ARG_VALUE'],
    ['a path as an address of the internet', '/tmp/x', { family: 'AF_INET' }, 'ERR_INVALID_ARG_VALUE'],
    ['host and port as a unix socket', ['localhost', 0], { family: 'AF_UNIX' }, 'ERR_INVALID_ARG_VALUE'],
    ['a family that does not exist', ['localhost', 0], { family: 'AF_PIPE' }, 'ERR_INVALID_ARG_VALUE'],
    ['a host that does not exist', ['no such host', 0], {}, 'ENOTFOUND'],
    ['a key that is none', ['localhost', 0], { authkey: 5 }, 'ERR_INVALID_ARG_TYPE'],
    ['a codec that is none', ['localhost', 0], { codec: 'json' }, 'ERR_INVALID_ARG_VALUE'],
    ['a maxFrame of 0', ['localhost', 0], { maxFrame: 0 }, 'ERR_OUT_OF_RANGE'],
    ['a time that is none', ['localhost', 0], { handshakeTimeout: Number.NaN }, 'ERR_OUT_OF_RANGE'],
  ])('%s is refused', async (_, address, options, code) => {
    if (code === 'ENOTFOUND') expect(() => new Listener(address as never, options)).toThrow(/ENOTFOUND|EAI_AGAIN/);
    else expect(() => new Listener(address as never, options)).toThrow(expect.objectContaining({ code }));
    if ('handshakeTimeout' in options || address === 5) return;
    const error = await Client(address as never, options).catch((thrown) => thrown);
    expect(['EAI_AGAIN', code]).toContain(error.code);
  });
});

describe('accept', () => {
  test('ends by its time, by its signal, and loses nobody', async () => {
    const listener = testListener();
    await expect(listener.accept({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
    await expect(listener.accept({ timeout: 5 })).rejects.toThrow(/a connection did not come within 5 ms/);
    expect(() => listener.acceptSync({ timeout: 5 })).toThrow(TimeoutError);
    await expect(listener.accept({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
    const controller = new AbortController();
    const waiting = listener.accept({ signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toBeInstanceOf(AbortError);
    const client = closedAfterTest(await Client(listener.address));
    const server = closedAfterTest(await listener.accept());
    await client.send('here');
    expect(await server.recv()).toBe('here');
  });

  test('those who wait are served in order', async () => {
    const listener = testListener();
    const accepted = [1, 2, 3].map(() => listener.accept());
    for (let i = 0; i < 3; i++) {
      const client = closedAfterTest(await Client(listener.address));
      await client.send(i);
      expect(await closedAfterTest((await accepted[i]) as Connection).recv()).toBe(i);
    }
  });

  test('a loop gets every connection until the listener is closed', async () => {
    const listener = testListener({ authkey: 'k' });
    const seen: unknown[] = [];
    const loop = (async () => {
      for await (const connection of listener) {
        seen.push(await connection.recv());
        connection.close();
      }
    })();
    for (let i = 0; i < 5; i++) {
      const client = await Client(listener.address, { authkey: 'k' });
      await client.send(i);
      await expect(client.recv()).rejects.toMatchObject({ code: 'ERR_MP_EOF' });
      client.close();
    }
    listener.close();
    await loop;
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  test('an idle listener does not keep a program alive, a waiting one does', async () => {
    const code = `import { Listener } from '@mp/connection'; const listener = new Listener(['127.0.0.1', 0], { authkey: 'k' });`;
    expect(await nodeChild({ code })).toMatchObject({ code: 0, stdout: '' });
    const waits = `${code} listener.accept({ timeout: 300 }).catch((error) => console.log(error.code));`;
    expect(await nodeChild({ code: waits })).toMatchObject({ code: 0, stdout: 'ERR_MP_TIMEOUT\n' });
  });
});

describe('wait', () => {
  test.each([undefined, 'k'])('tells when accept would not have to (authkey: %s)', async (authkey) => {
    const listener = testListener({ authkey });
    expect(await wait([listener], { timeout: 0 })).toEqual([]);
    const waiting = wait([listener], { timeout: 50_000 });
    const client = closedAfterTest(await Client(listener.address, { authkey }));
    expect(await waiting).toEqual([listener]);
    const server = closedAfterTest(await listener.accept({ timeout: 0 }));
    await client.send(1);
    expect(await server.recv()).toBe(1);
  });

  test('blocks the thread for listeners and connections alike', async () => {
    const listener = testListener({ authkey: 'k' });
    const program = startNode({
      code: `
        import { ClientSync } from '@mp/connection';
        const client = ClientSync(${JSON.stringify(listener.address)}, { authkey: 'k' });
        client.sendSync('x');
        client.recvSync();`,
    });
    expect(waitSync([listener], { timeout: 50_000 })).toEqual([listener]);
    const server = closedAfterTest(listener.acceptSync({ timeout: 0 }));
    expect(waitSync([listener, server], { timeout: 50_000 })).toEqual([server]);
    expect(server.recvSync()).toBe('x');
    server.sendSync('over');
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('is over when the listener is closed', async () => {
    const listener = testListener();
    const waiting = wait([listener]);
    listener.close();
    expect(await waiting).toEqual([listener]);
  });
});

test('a listener that is disposed of is closed', () => {
  const listener = new Listener();
  listener[Symbol.dispose]();
  expect(listener.closed).toBe(true);
});

test('a listener that nobody has any more is closed', async () => {
  const path = (() => new Listener().address as string)();
  onTestFinished(() => expect(existsSync(path)).toBe(false));
  await collectUntil(() => !existsSync(path));
});
