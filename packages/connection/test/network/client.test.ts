import { Client, ClientSync, ConnectError } from '@mp/connection';
import { AbortError, TimeoutError } from '@mp/errors';
import { checkLeaks, nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { outcome } from '../fixtures/pipes.ts';
import { closedAfterTest, listenerOf, rawServer, testListener } from './fixtures/network.ts';

checkLeaks();

test.each<[string, readonly [string, number] | string, string]>([
  ['a port where nobody listens', ['127.0.0.1', 1], 'ECONNREFUSED'],
  ['a socket that does not exist', '/tmp/mp-no-such-socket', 'ENOENT'],
  ['an abstract name that nobody has', '\0mp-no-such-name', 'ECONNREFUSED'],
  ['a file that is no socket', '/etc/passwd', 'ECONNREFUSED'],
])('%s is an error that says where', async (_, address, code) => {
  const error = await outcome(Client(address));
  expect(error).toBeInstanceOf(ConnectError);
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining(Array.isArray(address) ? address.join(':') : JSON.stringify(address)),
  });
  expect((error as Error).cause).toMatchObject({ syscall: 'connect' });
  expect(() => ClientSync(address)).toThrow(expect.objectContaining({ code, name: 'ConnectError' }));
});

test('a host that does not exist is an error', async () => {
  const error = await outcome(Client(['no-such-host.invalid', 80]));
  expect(error).toBeInstanceOf(ConnectError);
  expect((error as ConnectError).code).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
});

describe('a server that is silent', () => {
  test('holds nobody longer than asked for', async () => {
    const { address, accepted } = await rawServer();
    const connecting = outcome(Client(address, { authkey: 'k', timeout: 30 }));
    const peer = await accepted;
    expect(await connecting).toBeInstanceOf(TimeoutError);
    await peer.untilEnded();
    expect(() => ClientSync(address, { authkey: 'k', timeout: 30 })).toThrow(
      /did not finish the handshake.*within 30 ms/s,
    );
  });

  test('is left at once by a signal', async () => {
    const { address, accepted } = await rawServer();
    const controller = new AbortController();
    const connecting = outcome(Client(address, { authkey: 'k', signal: controller.signal }));
    const peer = await accepted;
    controller.abort(new Error('enough'));
    const error = await connecting;
    expect(error).toBeInstanceOf(AbortError);
    expect((error as Error).cause).toMatchObject({ message: 'enough' });
    await peer.untilEnded();
    expect(await outcome(Client(address, { signal: AbortSignal.abort() }))).toBeInstanceOf(AbortError);
  });
});

test('the full line of a unix listener is waited for, and no longer than asked for', async () => {
  const listener = listenerOf('AF_UNIX', { backlog: 1 });
  const inLine = [];
  for (let i = 0; i < 2; i++) inLine.push(closedAfterTest(await Client(listener.address)));
  expect(await outcome(Client(listener.address, { timeout: 30 }))).toBeInstanceOf(TimeoutError);
  expect(() => ClientSync(listener.address, { timeout: 30 })).toThrow(TimeoutError);
  const patient = Client(listener.address, { timeout: 50_000 });
  for (let i = 0; i < 3; i++) closedAfterTest(await listener.accept());
  closedAfterTest(await patient);
  expect(inLine).toHaveLength(2);
});

test('a program waits for its connection, and ends when it has failed', async () => {
  const { stdout } = await nodeChild({
    code: `
      import { Client } from '@mp/connection';
      await Client('/tmp/mp-no-such-socket').catch((error) => console.log(error.code));`,
  });
  expect(stdout).toBe('ENOENT\n');
});

test('a listener of the same thread can be connected to while it waits', async () => {
  const listener = testListener({ authkey: 'k' });
  const [client, server] = await Promise.all([Client(listener.address, { authkey: 'k' }), listener.accept()]);
  closedAfterTest(client);
  closedAfterTest(server);
  await client.send(1);
  expect(await server.recv()).toBe(1);
});
