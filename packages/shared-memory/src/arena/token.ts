import { closeDescriptor } from '@mp/native';

/** What travels with the blocks of a message; see {@link Departures}. */
export class Token {
  #descriptor: number | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  get descriptor(): number {
    if (this.#descriptor === undefined) throw new Error('The token is closed');
    return this.#descriptor;
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeDescriptor(descriptor);
  }

  /** The message has failed. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Received tokens may be closed only when all blocks of their message have been rebuilt. That is so in the next
 * microtask, and when another message is decoded, in a thread that does not come to its microtasks.
 */
let pending: Token | undefined;

export function closeWhenDecoded(token: Token): void {
  closePending();
  pending = token;
  queueMicrotask(() => {
    if (pending === token) closePending();
  });
}

export function closePending(): void {
  pending?.close();
  pending = undefined;
}
