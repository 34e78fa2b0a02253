import { Block } from '@mp/shared-memory/internal';

const objects = new WeakMap<Block, object>();

/** In which memory the objects of a class lie: in new memory, or in that which has arrived in a message. */
export class Placement {
  #arrived: Block | undefined;

  /** For a constructor: what has arrived; undefined: the object is a new one. */
  get arrived(): Block | undefined {
    return this.#arrived;
  }

  /** For a constructor: where the object lies. @param bytes - if it is a new one */
  place(object: object, bytes: number): Block {
    const block = this.#arrived ?? Block.allocate(bytes);
    objects.set(block, object);
    return block;
  }

  /**
   * What has arrived in a message: the object of this thread that lies in this memory, for what comes back is what was sent,
   * or a new one over it.
   */
  rebuild<T extends object>(block: Block, Class: abstract new (...args: never[]) => T, make: () => T): T {
    const known = objects.get(block);
    if (known?.constructor === Class) return known as T;
    this.#arrived = block;
    try {
      return make();
    } finally {
      this.#arrived = undefined;
    }
  }
}
