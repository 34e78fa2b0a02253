type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** An iterator in the server of a manager. */
export class ManagedIterator {
  readonly #iterator: AnyIterator;

  constructor(iterator: AnyIterator) {
    this.#iterator = iterator;
  }

  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
    return this.#iterator.next();
  }

  /** Ends it. */
  return(): void {
    void this.#iterator.return?.();
  }
}
