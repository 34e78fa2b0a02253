import { ESCAPE, Kind, type Tree, VIEW_TYPES } from '../format.ts';

/** Room that one ArrayBuffer takes in the message: what its views cover, or all of it. */
interface Region {
  readonly memory: ArrayBuffer;
  readonly isResizable: boolean;
}

/** A view of a region, and the escape whose offset is known only when all views are. No node: all of the region. */
interface Use {
  readonly region: number;
  readonly node: Tree[] | undefined;
  readonly start: number;
  readonly end: number;
}

interface Mark {
  readonly regions: number;
  readonly uses: number;
}

/**
 * The memory behind the views of a message.
 *
 * Views of one ArrayBuffer share it on the other side too. Of an ArrayBuffer that is not itself in the message travels
 * what its views cover: a view of ten bytes into a gigabyte costs ten bytes (and has `byteOffset` 0 when it arrives).
 * `structuredClone` copies the gigabyte. A resizable ArrayBuffer always travels whole.
 */
export class MemoryTable {
  readonly #regions: Region[] = [];
  readonly #uses: Use[] = [];
  #indexes: Map<ArrayBuffer, number> | undefined;

  /** Adds a view; its escape is completed by {@link finish}. */
  view(view: ArrayBufferView, type: (typeof VIEW_TYPES)[number], length: number, isAlone: boolean): Tree {
    const region = this.#region(view.buffer as ArrayBuffer, isAlone);
    const node: Tree[] = [ESCAPE, Kind.View, VIEW_TYPES.indexOf(type), region, 0, length];
    const start = view.byteOffset;
    this.#uses.push({ region, node, start, end: start + view.byteLength });
    return node;
  }

  /** Adds a whole ArrayBuffer. */
  whole(memory: ArrayBuffer): Tree {
    const region = this.#region(memory, false);
    this.#uses.push({ region, node: undefined, start: 0, end: memory.byteLength });
    return [ESCAPE, Kind.ArrayBuffer, region];
  }

  #region(memory: ArrayBuffer, isAlone: boolean): number {
    const known = isAlone ? undefined : this.#indexes?.get(memory);
    if (known !== undefined) return known;
    const index = this.#regions.push({ memory, isResizable: memory.resizable }) - 1;
    if (!isAlone) {
      this.#indexes ??= new Map();
      this.#indexes.set(memory, index);
    }
    return index;
  }

  mark(): Mark {
    return { regions: this.#regions.length, uses: this.#uses.length };
  }

  rollBack(mark: Mark): void {
    for (const { memory } of this.#regions.splice(mark.regions)) {
      if ((this.#indexes?.get(memory) ?? -1) >= mark.regions) this.#indexes?.delete(memory);
    }
    this.#uses.length = mark.uses;
  }

  /**
   * Decides what of each ArrayBuffer travels, and where.
   *
   * @param outOfBand - regions of this size and more go into `buffers`
   * @returns the memories of the message
   */
  finish(outOfBand: number, buffers: Uint8Array[]): Tree {
    if (this.#regions.length === 0) return null;
    const starts: number[] = [];
    const ends: number[] = [];
    const users: number[] = [];
    for (const { region, node, start, end } of this.#uses) {
      const isWhole = node === undefined || this.#regions[region]?.isResizable === true;
      starts[region] = isWhole ? 0 : Math.min(starts[region] ?? start, start);
      ends[region] = Math.max(ends[region] ?? 0, isWhole ? (this.#regions[region] as Region).memory.byteLength : end);
      users[region] = (users[region] ?? 0) + 1;
    }
    // Several views may have elements of different sizes: all of them must stay aligned.
    starts.forEach((start, region) => {
      if ((users[region] as number) > 1) starts[region] = start - (start % 8);
    });
    for (const { region, node, start } of this.#uses) {
      if (node !== undefined) node[4] = start - (starts[region] as number);
    }
    return this.#regions.map(({ memory, isResizable }, region) => {
      const start = starts[region] as number;
      const bytes = new Uint8Array(memory, start, (ends[region] as number) - start);
      const where = bytes.length >= outOfBand ? buffers.push(bytes) - 1 : bytes;
      return isResizable ? [where, memory.maxByteLength] : where;
    });
  }
}
