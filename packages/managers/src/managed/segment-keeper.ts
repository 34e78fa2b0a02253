import { ShareableList, SharedMemory } from '@mp/shared-memory';

type Item = Exclude<ConstructorParameters<typeof ShareableList>[0], null | undefined | SharedMemory>;

/** Makes shared memory in the server of a manager, remembers the names, and unlinks them when the server ends. */
export class SegmentKeeper {
  readonly #names = new Set<string>();
  readonly #unlinkAll = (): void => this.unlinkAll();

  constructor() {
    process.once('exit', this.#unlinkAll);
  }

  /** The memory itself: it travels by its descriptor. */
  memory(size: number): SharedMemory {
    const memory = new SharedMemory({ create: true, size });
    this.#keep(memory);
    return memory;
  }

  list(items: Item): ShareableList {
    const list = new ShareableList(items);
    this.#keep(list.shm);
    return list;
  }

  names(): string[] {
    return [...this.#names];
  }

  unlinkAll(): void {
    for (const name of this.#names) unlink(name);
    this.#names.clear();
    process.off('exit', this.#unlinkAll);
  }

  #keep(memory: SharedMemory): void {
    this.#names.add(memory.name as string);
    // Once it is on its way.
    setImmediate(() => memory.close());
  }
}

/** Somebody may have unlinked it meanwhile. */
function unlink(name: string): void {
  try {
    const memory = new SharedMemory({ name });
    memory.unlink();
    memory.close();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
  }
}
