import { Inbox } from '@mp/connection/internal';
import { checkLeaks, until } from '@mp/testing';
import { expect, test } from 'vitest';
import { frameOf, rawClient, testConnection, testListener } from './fixtures/network.ts';

checkLeaks();

/** Everything that an inbox hands over, in order. */
function log(): { seen: unknown[]; handler: ConstructorParameters<typeof Inbox>[1] } {
  const seen: unknown[] = [];
  return {
    seen,
    handler: {
      message: (value) => void seen.push(value),
      undecodable: (error) => void seen.push((error as { code: string }).code),
      ended: () => void seen.push('ended'),
    },
  };
}

test('an inbox hands over every message of a connection over the network, and its end once', async () => {
  const [a, b] = await testConnection();
  const { seen, handler } = log();
  const inbox = new Inbox(b.transport, handler);
  inbox.open();
  for (let i = 0; i < 3; i++) await a.send(i);
  await a.send(parseInt);
  await a.send('last');
  a.close();
  await until(() => seen.at(-1) === 'ended', { what: 'the end' });
  expect(seen).toEqual([0, 1, 2, 'ERR_MP_UNPICKLING', 'last', 'ended']);
  inbox.close();
});

test('a connection that breaks is an error, and then the end', async () => {
  const listener = testListener();
  const [peer, connection] = await Promise.all([rawClient(listener.address), listener.accept()]);
  const { seen, handler } = log();
  const inbox = new Inbox(connection.transport, handler);
  inbox.open();
  peer.write(frameOf('cut off').subarray(0, 5));
  peer.socket.end();
  await until(() => seen.at(-1) === 'ended', { what: 'the end' });
  expect(seen).toEqual(['ERR_MP_CONNECTION_LOST', 'ended']);
  inbox.close();
  connection.close();
});
