import { asShortage, closeDescriptor, peekTag, receiveDescriptors, sendDescriptors } from '@mp/native';

const TAGS = 0x1_0000;

/**
 * Carries the descriptors of messages through a socket, in the order of the messages, which lie elsewhere.
 *
 *     writer, with its lock:   packet (place, tag) ─▶ socket      then   message (tag) ─▶ shared memory, at that place
 *     reader, with its lock:   message at a place  ─▶ the packet that has its tag, if that is the next for this place
 *
 * A writer that is killed between the two leaves a packet that goes with no message: the next message is at the same
 * place, with another tag. A reader that is killed between the two leaves a message whose packet is gone: the next
 * packet is for a place behind it, and stays where it is. So neither takes anything of others along.
 */
export class DescriptorChannel {
  readonly #into: number;
  readonly #outOf: number;
  readonly #furthest: number;
  #tag = (Math.random() * TAGS) | 0;

  /**
   * @param into - the socket that takes packets
   * @param outOf - the socket that has them; the same, if it goes both ways
   * @param furthest - how far behind the next message to be read another one can be at most
   */
  constructor(into: number, outOf: number, furthest: number) {
    this.#into = into;
    this.#outOf = outOf;
    this.#furthest = furthest;
  }

  /**
   * Sends the descriptors of a message that is published next, so that whoever sees it finds them. For who holds the
   * lock of the writers.
   *
   * @param place - of the message; of 32 bits, they wrap
   * @returns the tag, of 16 bits, by which they are recognised; undefined: the system takes no more until some are
   *   received
   */
  send(place: number, descriptors: readonly number[]): number | undefined {
    this.#tag = (this.#tag + 1) & (TAGS - 1);
    return sendDescriptors(this.#into, (place >>> 0) * TAGS + this.#tag, descriptors) ? this.#tag : undefined;
  }

  /**
   * Those of the next message; those of writers that were killed before they published theirs are closed. For who holds
   * the lock of the readers.
   *
   * @returns undefined: they are gone, with another reader that took them and was killed
   */
  receive(place: number, tag: number, count: number): number[] | undefined {
    for (;;) {
      const next = peekTag(this.#outOf);
      if (typeof next === 'string') return undefined;
      const ahead = (Math.floor(next / TAGS) - place) | 0;
      if (ahead > 0 && ahead <= this.#furthest) return undefined;
      const packet = this.#take(count);
      if (typeof packet === 'string') return undefined;
      if (ahead === 0 && next % TAGS === tag && packet.descriptors.length === count) return packet.descriptors;
      for (const descriptor of packet.descriptors) closeDescriptor(descriptor);
    }
  }

  /** In a child that was forked: its tags are far from the parent's. Random numbers are dear in a child that has just begun. */
  afterFork(): void {
    this.#tag = (this.#tag + process.pid * 0x3d4d) & (TAGS - 1);
  }

  #take(count: number): ReturnType<typeof receiveDescriptors> {
    try {
      return receiveDescriptors(this.#outOf);
    } catch (error) {
      throw asShortage(`A message with ${count} descriptors could not be received and is lost`, error);
    }
  }
}
