import type { ImapIterator } from './imap.ts';
import type { ListedInput } from './listed-input.ts';

/** The inputs that a pool reads: of imaps, and of maps that have not begun. */
export class OpenInputs {
  readonly #imaps = new Set<ImapIterator<unknown>>();
  readonly #lists = new Set<ListedInput>();

  addImap(imap: ImapIterator<unknown>): void {
    if (!imap.over) this.#imaps.add(imap);
  }

  removeImap(imap: ImapIterator<unknown>): void {
    this.#imaps.delete(imap);
  }

  addList(list: ListedInput): void {
    this.#lists.add(list);
  }

  removeList(list: ListedInput): void {
    this.#lists.delete(list);
  }

  /** Imaps are read to their end, whether their results are taken or not. */
  drain(): void {
    for (const imap of [...this.#imaps]) imap.drain();
  }

  /** Nothing more can be done with them, because of `error`: whoever waits for more is told. */
  end(error: unknown): void {
    for (const imap of [...this.#imaps]) imap.poolEnded();
    for (const list of this.#lists) list.end(error);
  }
}
