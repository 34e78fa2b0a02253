import { closeDescriptor } from '@mp/native';

/**
 * What travels with the blocks of a message; see {@link Departures}.
 *
 * The sender has one, which stands for whatever descriptor is attached when it is pickled. The receiver has one of each
 * message, with the descriptor that came.
 */
export class Token {
  readonly #attach: (() => number) | undefined;
  #received: number | undefined;

  /** @param source - of the sender: what to attach; of the receiver: what has come */
  constructor(source: (() => number) | number) {
    if (typeof source === 'number') this.#received = source;
    else this.#attach = source;
  }

  /** Called once for each message. */
  descriptor(): number {
    if (this.#attach === undefined) throw new TypeError('the token of a message cannot be sent on');
    return this.#attach();
  }

  close(): void {
    const descriptor = this.#received;
    this.#received = undefined;
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
