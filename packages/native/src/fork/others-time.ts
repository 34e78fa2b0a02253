/**
 * How long the other threads of this process have had to come to rest.
 *
 * On a busy machine a thread waits for a processor for seconds, and does nothing meanwhile, not even go to sleep. So a
 * clock is no measure of what it does: of who wants a processor, only the time counts in which it had one.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Who was away for longer between two looks was kept from looking: the process was stopped, or had no processor. */
const LONGEST_MS = 100;

/** One of the other threads. */
export interface OtherThread {
  readonly id: string;
  /** It has a processor, or waits for one. */
  readonly isAtWork: boolean;
  /** How long it has had one in its life, in milliseconds. */
  readonly ran: number;
}

/** A clock that stands still as long as all that the others do is to wait for a processor. */
export class OthersTime {
  readonly #look: () => OtherThread[];
  #ran: Map<string, number>;
  #since: number = performance.now();
  #passed = 0;

  /** @param look - the threads of this process without the one that asks */
  constructor(look: () => OtherThread[] = otherThreads) {
    this.#look = look;
    this.#ran = new Map(look().map(({ id, ran }) => [id, ran]));
  }

  /** Milliseconds since it was made. To be asked often: of a longer time between two calls, 0.1 s count. */
  passed(): number {
    const now = performance.now();
    const threads = this.#look();
    // One that was not there before has had all of its time since.
    const longest = Math.max(0, ...threads.map(({ id, ran }) => ran - (this.#ran.get(id) ?? 0)));
    const gone = Math.min(now - this.#since, LONGEST_MS);
    // A kernel that does not count tells 0 of everybody: then a thread that never rests would be waited for for ever.
    const isCounted = threads.some(({ isAtWork }) => isAtWork) && threads.some(({ ran }) => ran > 0);
    this.#passed += isCounted ? Math.min(gone, longest) : gone;
    this.#since = now;
    this.#ran = new Map(threads.map(({ id, ran }) => [id, ran]));
    return this.#passed;
  }
}

/** Those of this process but its main thread. */
export function otherThreads(): OtherThread[] {
  return readdirSync('/proc/self/task').flatMap((id) => {
    if (id === `${process.pid}`) return [];
    try {
      const stat = readFileSync(`/proc/self/task/${id}/stat`, 'latin1');
      const [ran] = readFileSync(`/proc/self/task/${id}/schedstat`, 'latin1').split(' ');
      // Its name, before that, may have anything in it.
      return [{ id, isAtWork: stat.startsWith(') R', stat.lastIndexOf(')')), ran: Number(ran) / 1e6 }];
    } catch {
      return []; // It has ended meanwhile.
    }
  });
}
