import { ShareableList, SharedMemory } from '@mp/shared-memory';

/** What a list can be made of. */
export type Items = Iterable<Parameters<ShareableList['set']>[1]>;

/** Makes shared memory in the server of a manager, remembers the names, and unlinks them when the server ends. */
export class SegmentKeeper {
  readonly #names = new Set<string>();

  constructor() {
    process.once('exit', () => {
      for (const name of this.#names) unlink(name);
    });
  }

  /** New memory. @returns its name: whoever asked is attached by it, over TCP, too, if it is on this machine */
  memory(size: number): string {
    return this.#keep(new SharedMemory({ create: true, size }));
  }

  /** A new list. @returns the name of its memory */
  list(items: Items): string {
    return this.#keep(new ShareableList(items).shm);
  }

  #keep(memory: SharedMemory): string {
    const name = memory.name as string;
    this.#names.add(name);
    memory.close();
    return name;
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
