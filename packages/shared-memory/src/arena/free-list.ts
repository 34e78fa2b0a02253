/**
 * The gaps of an arena: best fit, neighbours melt into one.
 *
 * It knows numbers only and lives in the heap of the arena's creator, so nobody else can damage it.
 */
export class FreeList {
  /** The lengths that there are, ascending. */
  readonly #lengths: number[] = [];
  readonly #startsOfLength = new Map<number, Set<number>>();
  readonly #lengthAt = new Map<number, number>();
  readonly #startBefore = new Map<number, number>();

  constructor(start: number, end: number) {
    if (end > start) this.#add(start, end - start);
  }

  /** @returns where, or undefined when no gap is that long */
  take(length: number): number | undefined {
    const best = this.#lengths[this.#place(length)];
    if (best === undefined) return undefined;
    const start = first(this.#startsOfLength.get(best)!);
    this.#remove(start, best);
    if (best > length) this.#add(start + length, best - length);
    return start;
  }

  give(start: number, length: number): void {
    let from = start;
    let to = start + length;
    const before = this.#startBefore.get(from);
    if (before !== undefined) {
      this.#remove(before, from - before);
      from = before;
    }
    const behind = this.#lengthAt.get(to);
    if (behind !== undefined) {
      this.#remove(to, behind);
      to += behind;
    }
    this.#add(from, to - from);
  }

  /** The gaps as [start, length], ascending. For tests. */
  gaps(): [number, number][] {
    return [...this.#lengthAt].sort(([a], [b]) => a - b);
  }

  #add(start: number, length: number): void {
    this.#lengthAt.set(start, length);
    this.#startBefore.set(start + length, start);
    const starts = this.#startsOfLength.get(length);
    if (starts !== undefined) {
      starts.add(start);
      return;
    }
    this.#startsOfLength.set(length, new Set([start]));
    this.#lengths.splice(this.#place(length), 0, length);
  }

  #remove(start: number, length: number): void {
    this.#lengthAt.delete(start);
    this.#startBefore.delete(start + length);
    const starts = this.#startsOfLength.get(length)!;
    starts.delete(start);
    if (starts.size > 0) return;
    this.#startsOfLength.delete(length);
    this.#lengths.splice(this.#place(length), 1);
  }

  /** The place of the first length that is not shorter. */
  #place(length: number): number {
    let low = 0;
    let high = this.#lengths.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#lengths[middle]! < length) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const first = (numbers: Set<number>): number => numbers.values().next().value!;
