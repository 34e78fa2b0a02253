import { ImapInput } from './imap-input.ts';
import type { Limits } from './limits.ts';

/** An async input that is read to its end before anything is done with it, unless somebody ends it first. */
export class ListedInput {
  /** All of its items. Rejects with what it threw, or with why it was ended. */
  readonly list: Promise<unknown[]>;
  readonly #input: ImapInput;

  constructor(items: AsyncIterable<unknown>, limits: Limits | undefined) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown[]>();
    const list: unknown[] = [];
    this.list = promise;
    this.#input = new ImapInput(items, {
      wants: () => true,
      item: (value) => list.push(value),
      ended: (failure) => {
        limits?.lift();
        if (failure === undefined) resolve(list);
        else reject(failure.error);
      },
    });
    limits?.watch((error) => this.end(error));
    this.#input.read();
  }

  /** Reads no more, because of `error`, and closes the input. */
  end(error: unknown): void {
    this.#input.close({ error });
  }
}
