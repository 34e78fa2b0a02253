import { DescriptorChannel } from '@mp/connection/internal';
import { closeDescriptor, createMemory, descriptorSize, socketPair } from '@mp/native';
import { checkLeaks } from '@mp/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

checkLeaks();

const FURTHEST = 1000;

interface TestChannel {
  /** Sends memory of so many bytes with the message at a place, and returns the tag. */
  send(place: number, size: number, writer?: 0 | 1): number;
  /** The size of the memory that came with the message at a place. */
  receive(place: number, tag: number): number | undefined;
}

/** One channel with two writers, and what of them arrives. */
function testChannel(): TestChannel {
  const [into, outOf] = socketPair();
  onTestFinished(() => {
    for (const socket of [into, outOf]) closeDescriptor(socket);
  });
  // Where their tags begin: far from each other.
  const random = vi.spyOn(Math, 'random').mockReturnValueOnce(0.1).mockReturnValueOnce(0.6);
  const writers = [new DescriptorChannel(into, outOf, FURTHEST), new DescriptorChannel(into, outOf, FURTHEST)] as const;
  random.mockRestore();
  return {
    send(place, size, writer = 0) {
      const memory = createMemory(size);
      const tag = writers[writer].send(place, [memory]);
      closeDescriptor(memory);
      expect(tag).toBeTypeOf('number');
      return tag!;
    },
    receive(place, tag) {
      const descriptors = writers[0].receive(place, tag, 1);
      if (descriptors === undefined) return undefined;
      expect(descriptors.length).toBe(1);
      const size = descriptorSize(descriptors[0]!);
      closeDescriptor(descriptors[0]!);
      return size;
    },
  };
}

describe.each([
  ['at first', 0],
  ['when places become negative', 2 ** 31 - 20],
  ['when places wrap', -20],
])('%s', (_, first) => {
  const at = (n: number): number => (first + n * 10) | 0;

  test('each message gets its own', () => {
    const channel = testChannel();
    const tags = [1, 2, 3, 4].map((n) => channel.send(at(n), n));
    expect([1, 2, 3, 4].map((n) => channel.receive(at(n), tags[n - 1]!))).toEqual([1, 2, 3, 4]);
  });

  test('what writers sent that were killed before their message goes with no other message', () => {
    const channel = testChannel();
    channel.send(at(1), 77, 1);
    channel.send(at(1), 78, 1);
    // At the same place, by a writer that lives; and later ones, for places that other messages went over.
    const one = channel.send(at(1), 1);
    channel.send(at(2), 79, 1);
    const four = channel.send(at(4), 4);
    expect(channel.receive(at(1), one)).toBe(1);
    expect(channel.receive(at(4), four)).toBe(4);
  });

  test('a message whose own are gone leaves those of the messages behind it', () => {
    const channel = testChannel();
    const two = channel.send(at(2), 2);
    const three = channel.send(at(3), 3);
    expect(channel.receive(at(1), 5)).toBeUndefined();
    expect(channel.receive(at(2), two)).toBe(2);
    expect(channel.receive(at(3), three)).toBe(3);
    expect(channel.receive(at(4), 6)).toBeUndefined();
  });
});
