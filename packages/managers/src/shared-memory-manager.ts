import type { ShareableList, SharedMemory } from '@mp/shared-memory';
import { BaseManager } from './base-manager.ts';
import { BUILT_INS } from './built-ins.ts';
import type { SegmentKeeper } from './managed/segment-keeper.ts';
import type { Proxied } from './proxied.ts';
import { OURS } from './registration.ts';
import type { Registry } from './registry.ts';

/** In messages; it stands for all that it makes. */
const KEEPER = 'SharedMemory';

/**
 * Makes shared memory with names, and unlinks all of it when it is shut down, or when the process that has started it ends.
 * If that process is killed the names stay, as after the death of anybody else who has made some.
 *
 * What it gives is the memory itself, no proxies. It is to be closed as usual; unlinking it earlier does no harm.
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

  #keeper: Proxied<SegmentKeeper> | undefined;

  /** New shared memory. @param size - in bytes */
  async SharedMemory(size: number): Promise<SharedMemory> {
    this.#keeper ??= (await this.create(KEEPER)) as Proxied<SegmentKeeper>;
    return this.#keeper.memory(size);
  }

  /** A new list in shared memory. */
  async ShareableList(items: Parameters<SegmentKeeper['list']>[0]): Promise<ShareableList> {
    this.#keeper ??= (await this.create(KEEPER)) as Proxied<SegmentKeeper>;
    return this.#keeper.list(items);
  }

  override async shutdown(): Promise<void> {
    const keeper = this.#keeper;
    this.#keeper = undefined;
    await keeper?.unlinkAll().catch(() => {});
    return super.shutdown();
  }

  override shutdownSync(): void {
    const keeper = this.#keeper;
    this.#keeper = undefined;
    try {
      keeper?.sync.unlinkAll();
    } finally {
      super.shutdownSync();
    }
  }
}
Object.defineProperty(SharedMemoryManager, OURS, { value: true });
