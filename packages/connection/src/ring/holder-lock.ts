import { readFileSync } from 'node:fs';

/**
 * A lock that dies with its holder: two words of shared memory, the holder's identity and the time of its start.
 *
 * It is meant for critical sections of microseconds, so nobody sleeps on it: who does not get it tries again. A holder
 * that is found to be dead is replaced, which is safe where, as in a ring, everything that is half done is unpublished.
 */

const PID_BITS = 22;
const PID_MASK = (1 << PID_BITS) - 1;
const SPINS = 200;

function startTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(BigInt.asIntN(32, BigInt(fields[19] as string)));
  } catch {
    return undefined;
  }
}

/** Nine bits of the start time stand beside the pid, so that the first word alone names the holder well enough. */
const identityOf = (pid: number, start: number): number => (pid & PID_MASK) | ((start & 0x1ff) << PID_BITS) | 0;

const OUR_START = startTime(process.pid) ?? 0;
const US = identityOf(process.pid, OUR_START);

export class HolderLock {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /** Takes the lock if it is free, or as soon as its holder turns out to be dead. */
  tryAcquire(): boolean {
    const words = this.#words;
    const index = this.#index;
    if (Atomics.compareExchange(words, index, 0, US) === 0) {
      words[index + 1] = OUR_START;
      return true;
    }
    for (let i = 0; i < SPINS; i++) {
      if (Atomics.load(words, index) === 0 && Atomics.compareExchange(words, index, 0, US) === 0) {
        words[index + 1] = OUR_START;
        return true;
      }
    }
    return this.#takeOver();
  }

  release(): void {
    Atomics.store(this.#words, this.#index, 0);
  }

  #takeOver(): boolean {
    const words = this.#words;
    const holder = Atomics.load(words, this.#index);
    if (holder === 0) return false;
    const pid = holder & PID_MASK;
    const start = startTime(pid);
    if (start !== undefined && identityOf(pid, start) === holder) {
      const written = words[this.#index + 1]!;
      // Written after the first word: believed only where the two fit together.
      if (identityOf(pid, written) !== holder || written === start) return false;
    }
    if (Atomics.compareExchange(words, this.#index, holder, US) !== holder) return false;
    words[this.#index + 1] = OUR_START;
    return true;
  }
}
