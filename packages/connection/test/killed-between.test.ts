import { BrokenPipeError } from '@mp/errors';
import { closeDescriptor, receiveDescriptors } from '@mp/native';
import { expect, test } from 'vitest';
import { checkConnectionLeaks, pattern, SMALL, testPipe } from './fixtures/pipes.ts';

// Descriptors travel beside their messages. Who is killed between the two has done one half of it.
checkConnectionLeaks();

const large = (n: number): Buffer => pattern(5000 + n, n);

/** What a reader does before it is killed: it has taken what belongs to the next message, and not the message. */
function takeNextPacket(socket: number): void {
  const packet = receiveDescriptors(socket);
  if (typeof packet === 'string') throw new Error(`There was no packet: ${packet}`);
  for (const descriptor of packet.descriptors) closeDescriptor(descriptor);
}

test('a reader that is killed with what came with a message takes that one along, and no other', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  for (let n = 0; n < 4; n++) b.sendBytesSync(large(n));
  expect(a.recvBytesSync()).toEqual(large(0));
  takeNextPacket(a.fileno());
  expect(() => a.recvBytesSync()).toThrow(BrokenPipeError);
  expect(await a.recvBytes()).toEqual(large(2));
  expect(a.recvBytesSync()).toEqual(large(3));
});

test('the same, when it was the only one that waited, and others are sent later', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  b.sendBytesSync(large(0));
  takeNextPacket(a.fileno());
  await expect(a.recvBytes()).rejects.toThrow('The 1 descriptors of a message are gone');
  for (let n = 1; n < 100; n++) {
    b.sendBytesSync(large(n));
    b.sendBytesSync(pattern(n));
    expect(a.recvBytesSync()).toEqual(large(n));
    expect(a.recvBytesSync()).toEqual(pattern(n));
  }
});
