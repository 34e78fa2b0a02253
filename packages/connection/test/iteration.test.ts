import { ClosedError } from '@mp/errors';
import { UnpicklingError } from '@mp/reduction';
import { expect, test } from 'vitest';
import { pipeToPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

test('a loop gets every message in order, until the other process has ended', async () => {
  const { ours } = pipeToPeer('sendNumbered', [2000]);
  let next = 0;
  for await (const { n } of ours) expect(n).toBe(next++);
  expect(next).toBe(2000);
});

test('a loop over a pipe whose other end is closed is over at once', async () => {
  const [a, b] = testPipe();
  a.close();
  const messages: unknown[] = [];
  for await (const message of b) messages.push(message);
  expect(messages).toEqual([]);
});

test('a loop that is left takes no message with it, and another may go on', async () => {
  const [a, b] = testPipe();
  for (let i = 0; i < 5; i++) a.sendSync(i);
  for await (const message of b) if (message === 1) break;
  expect(b.closed).toBe(false);
  a.close();
  const rest: unknown[] = [];
  for await (const message of b) rest.push(message);
  expect(rest).toEqual([2, 3, 4]);
});

test('a loop that throws leaves the connection as it is', async () => {
  const [a, b] = testPipe();
  a.sendSync(1);
  a.sendSync(2);
  const loop = async (): Promise<void> => {
    for await (const message of b) throw new Error(`enough of ${message}`);
  };
  await expect(loop()).rejects.toThrow('enough of 1');
  expect(b.recvSync()).toBe(2);
});

test('two loops over one connection share the messages: each is seen once', async () => {
  const [a, b] = testPipe();
  const seen: number[] = [];
  const loop = async (): Promise<void> => {
    for await (const message of b) seen.push(message);
  };
  const loops = [loop(), loop(), loop()];
  for (let i = 0; i < 300; i++) await a.send(i);
  a.close();
  await Promise.all(loops);
  expect(seen.sort((x, y) => x - y)).toEqual(Array.from({ length: 300 }, (_, i) => i));
});

test('a loop ends with a ClosedError when its connection is closed by this process', async () => {
  const [a, b] = testPipe();
  const loop = async (): Promise<void> => {
    for await (const message of b) if (message === 'close') b.close();
  };
  const looping = loop();
  a.sendSync('close');
  await expect(looping).rejects.toThrow(ClosedError);
});

test('a message that cannot be decoded ends a loop with its error, and the next loop gets the next message', async () => {
  const [a, b] = testPipe();
  a.sendBytesSync(Buffer.from('no pickle'));
  a.sendSync('next');
  a.close();
  const loop = async (): Promise<unknown[]> => {
    const messages: unknown[] = [];
    for await (const message of b) messages.push(message);
    return messages;
  };
  await expect(loop()).rejects.toThrow(UnpicklingError);
  expect(await loop()).toEqual(['next']);
});
