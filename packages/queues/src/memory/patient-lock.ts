import { futexWaitSync, HolderLock } from '@mp/native';

/** How long to let others go on who are in the middle of something, in milliseconds, and how often. */
const PAUSE_MS = 0.05;
const PAUSES = 3;

/**
 * A HolderLock of which it is known that it is held for the time of a copy only: who does not get it lets the holder,
 * whom the system may have interrupted, go on for a moment.
 */
export class PatientLock {
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #lock: HolderLock;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
    this.#lock = new HolderLock(words, index);
  }

  /** False: it is still held by somebody alive. */
  tryAcquire(): boolean {
    if (this.#lock.tryAcquire()) return true;
    for (let i = 0; i < PAUSES; i++) {
      const holder = Atomics.load(this.#words, this.#index);
      if (holder !== 0) futexWaitSync(this.#words, this.#index, holder, PAUSE_MS);
      if (this.#lock.tryAcquire()) return true;
    }
    return false;
  }

  /** However long it takes; it does not take long. */
  acquire(): void {
    while (!this.tryAcquire());
  }

  release(): void {
    this.#lock.release();
  }
}
