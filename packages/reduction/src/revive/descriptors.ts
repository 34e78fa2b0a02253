import { UnpicklingError } from '../errors.ts';

interface Holder {
  readonly value: object;
  readonly indexes: readonly number[];
}

/** The descriptors that came with a message, and who has taken them. */
export class Descriptors {
  readonly #descriptors: readonly number[];
  readonly #taken: Set<number> = new Set();
  readonly #holders: Holder[] = [];

  constructor(descriptors: readonly number[]) {
    this.#descriptors = descriptors;
  }

  /** For one `rebuild`: what it takes belongs to its object, if there will be one. */
  open(): { take(index: number): number; giveBack(): void; keep(value: object): void } {
    const indexes: number[] = [];
    let isOpen = true;
    return {
      take: (index) => {
        const descriptor = this.#descriptors[index];
        if (!isOpen) throw new UnpicklingError('context.descriptor(index) was called after rebuild had returned.');
        if (descriptor === undefined) {
          throw new UnpicklingError(
            `The message came with ${this.#descriptors.length} descriptors; number ${String(index)} is not among them.`,
          );
        }
        if (this.#taken.has(index))
          throw new UnpicklingError(`Descriptor number ${index} of the message was taken twice.`);
        this.#taken.add(index);
        indexes.push(index);
        return descriptor;
      },
      giveBack: () => {
        isOpen = false;
        for (const index of indexes) this.#taken.delete(index);
      },
      keep: (value) => {
        isOpen = false;
        if (indexes.length > 0) this.#holders.push({ value, indexes });
      },
    };
  }

  /** The message failed: nobody will ever see the objects that were made, so they let go of what they have. */
  release(): void {
    for (const { value, indexes } of this.#holders) {
      const dispose = (value as { [Symbol.dispose]?: unknown })[Symbol.dispose];
      if (typeof dispose !== 'function') {
        for (const index of indexes) this.#taken.delete(index);
        continue;
      }
      try {
        dispose.call(value);
      } catch {
        // The failure of the message is what the caller has to hear of.
      }
    }
  }

  get unclaimed(): readonly number[] {
    return this.#descriptors.filter((_, index) => !this.#taken.has(index));
  }
}
