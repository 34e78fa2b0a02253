import { Block } from '@mp/shared-memory/internal';
import type { Cells, Scalar } from './scalar.ts';

/** A block of shared memory as cells of each type. One object for each block. */
export class Memory {
  readonly block: Block;
  readonly #cells: (Cells | undefined)[] = [];

  private constructor(block: Block) {
    this.block = block;
  }

  static allocate(bytes: number): Memory {
    return Memory.over(Block.allocate(Math.max(1, bytes)));
  }

  static over(block: Block): Memory {
    const known = memories.get(block);
    if (known !== undefined) return known;
    const memory = new Memory(block);
    memories.set(block, memory);
    return memory;
  }

  /** The whole of it; the index of a cell is its offset in bytes divided by the size. */
  cells({ id, size, Cells }: Scalar): Cells {
    const known = this.#cells[id];
    if (known !== undefined) return known;
    const cells = new Cells(this.block.buffer, 0, Math.floor(this.block.bytes / size));
    this.#cells[id] = cells;
    return cells;
  }
}

const memories = new WeakMap<Block, Memory>();
