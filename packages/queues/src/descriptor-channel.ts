import { BrokenPipeError } from '@mp/errors';
import { asShortage, closeDescriptor, receiveDescriptors, sendDescriptors } from '@mp/native';

/** The most descriptors that one message may carry: what one packet of a unix socket holds. */
const MOST_DESCRIPTORS = 253;

/** Carries the descriptors of messages, in the order of the messages. */
export class DescriptorChannel {
  readonly #into: number;
  readonly #outOf: number;
  #tag = (Math.random() * 0x10000) | 0;

  constructor(into: number, outOf: number) {
    this.#into = into;
    this.#outOf = outOf;
  }

  /**
   * Sends the descriptors of a message that is published next, so that whoever sees it finds them. For who holds
   * WRITER_LOCK.
   *
   * @returns the tag by which they are recognised; undefined: the system takes no more until some are received
   */
  send(descriptors: readonly number[]): number | undefined {
    this.#tag = (this.#tag + 1) & 0xffff;
    return sendDescriptors(this.#into, this.#tag, descriptors) ? this.#tag : undefined;
  }

  /** Those of a message; those of putters that were killed before they published theirs are closed. */
  receive(tag: number, count: number): number[] {
    for (;;) {
      const packet = this.#next(count);
      if (packet === 'empty' || packet === 'closed') throw descriptorsGone(count);
      if (packet.tag === tag && packet.descriptors.length === count) return packet.descriptors;
      for (const descriptor of packet.descriptors) closeDescriptor(descriptor);
    }
  }

  #next(count: number): ReturnType<typeof receiveDescriptors> {
    try {
      return receiveDescriptors(this.#outOf);
    } catch (error) {
      throw asShortage(`A message with ${count} descriptors could not be got and is lost`, error);
    }
  }
}

export const descriptorsGone = (count: number): BrokenPipeError =>
  new BrokenPipeError(
    `The ${count} descriptors of a message are gone: another process took them from this queue and was killed before it had the message. The message is skipped; get again.`,
  );

export function checkCount(descriptors: readonly number[]): void {
  if (descriptors.length <= MOST_DESCRIPTORS) return;
  throw new RangeError(
    `put: the message carries ${descriptors.length} descriptors, and at most ${MOST_DESCRIPTORS} can travel in one message. Put several.`,
  );
}
