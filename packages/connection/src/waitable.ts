import { pollSync } from '@mp/native';

/**
 * What {@link wait} needs of an object. Connections, listeners and processes have it; a bare descriptor needs nothing.
 *
 * A symbol and an interface instead of a base class, so that a package on any floor can take part.
 */
export const waitable: unique symbol = Symbol.for('@mp/connection.waitable');

/** What `wait` can wait for: connections, listeners, processes, and objects of your own that say when they are ready. */
export interface Waitable {
  readonly [waitable]: Readiness;
}

/** What `wait` asks of a {@link Waitable}. */
export interface Readiness {
  /** Whether waiting is over: there is something to take, or nothing will ever come. */
  isReady(): boolean;
  /** From now on a change makes one of the descriptors ready. `isReady` is asked once more after this. */
  arm(): void;
  /** What to sleep on: descriptor and events of poll(2), alternating. */
  descriptors(): readonly number[];
  /** A sleep on the descriptors is over. */
  disarm(): void;
  /** How soon to ask again unasked, in milliseconds; Infinity: being woken is certain. */
  lookAgainAfter(): number;
  /** Nobody but this thread could make it ready, so blocking for ever is in vain. Default: somebody else can. */
  onlyOurselves?(): boolean;
  /**
   * All that is waited for is {@link onlyOurselves}. True: others could have made it ready and have died, so it is ready
   * from now on. Default: they could not.
   */
  giveUp?(): boolean;
  /** Calls `wake` in the event loop whenever something may have changed, and keeps the loop alive, until ended. */
  subscribe(wake: () => void): () => void;
}

/** Blocks the thread until one of them may have become ready, at most `timeout` milliseconds. */
export function sleepUntilOneIsReady(all: readonly Readiness[], timeout: number): void {
  for (const readiness of all) readiness.arm();
  if (all.some((readiness) => readiness.isReady())) return;
  const watched: number[] = [];
  let soonest = timeout;
  for (const readiness of all) {
    const pairs = readiness.descriptors();
    for (let i = 0; i < pairs.length; i += 2) watched.push(pairs[i]!, pairs[i + 1]!, 0);
    soonest = Math.min(soonest, readiness.lookAgainAfter());
  }
  pollSync(Int32Array.from(watched), watched.length / 3, soonest);
  for (const readiness of all) readiness.disarm();
}
