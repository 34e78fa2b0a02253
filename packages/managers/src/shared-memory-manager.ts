import { ShareableList, SharedMemory } from '@mp/shared-memory';
import { BaseManager } from './base-manager.ts';
import { BUILT_INS } from './built-ins.ts';
import type { Items, SegmentKeeper } from './managed/segment-keeper.ts';
import type { Proxied } from './proxied.ts';
import { OURS } from './registration.ts';
import type { Registry } from './registry.ts';

/** In messages; it stands for all that it makes. */
const KEEPER = 'SharedMemory';

/** What a {@link SharedMemoryManager} makes, blocking the thread. */
export interface SyncMemory {
  SharedMemory(size: number): SharedMemory;
  ShareableList(items: Items): ShareableList;
}

/**
 * Makes shared memory with names, and unlinks all of it when its server ends: when it is shut down, or when the process
 * that has started it ends. If the server is killed the names stay, as after the death of anybody else who has made some.
 *
 * What it gives is the memory itself, no proxies. It is to be closed as usual; unlinking it earlier does no harm. A manager
 * that was connected to a server makes memory there, too, which lives until that server ends; it has to be on the same
 * machine, by whatever address.
 *
 * Python: `multiprocessing.managers.SharedMemoryManager`.
 *
 * @example
 * ```ts
 * const manager = new SharedMemoryManager();
 * await manager.start();
 * const memory = await manager.SharedMemory(128);
 * const list = await manager.ShareableList(['alpha', 1]);
 * await manager.shutdown(); // both names are gone
 * ```
 */
export class SharedMemoryManager extends BaseManager {
  /** @internal */
  static override types: Registry = new Map([...BUILT_INS].filter(([typeid]) => typeid === KEEPER));

  #keeper: Promise<Proxied<SegmentKeeper>> | undefined;
  #keeperSync: Proxied<SegmentKeeper> | undefined;

  /**
   * New shared memory.
   *
   * @param size - in bytes
   * @throws NoSharedMemoryError if the server is on another machine
   */
  async SharedMemory(size: number): Promise<SharedMemory> {
    return new SharedMemory({ name: await (await this.#keep()).memory(size) });
  }

  /** A new list in shared memory. @throws NoSharedMemoryError if the server is on another machine */
  async ShareableList(items: Items): Promise<ShareableList> {
    return new ShareableList(null, { name: await (await this.#keep()).list([...items]) });
  }

  /** The same, blocking the thread. */
  get sync(): SyncMemory {
    const keep = (): Proxied<SegmentKeeper> => {
      this.#keeperSync ??= this.createSync<SegmentKeeper>(KEEPER);
      return this.#keeperSync;
    };
    return {
      SharedMemory: (size) => new SharedMemory({ name: keep().sync.memory(size) }),
      ShareableList: (items) => new ShareableList(null, { name: keep().sync.list([...items]) }),
    };
  }

  #keep(): Promise<Proxied<SegmentKeeper>> {
    this.#keeper ??= this.create<SegmentKeeper>(KEEPER).catch((error: unknown) => {
      this.#keeper = undefined;
      throw error;
    });
    return this.#keeper;
  }
}
Object.defineProperty(SharedMemoryManager, OURS, { value: true });
