import { allocator } from './allocator.ts';
import { departures } from './departures.ts';
import { pendingForks } from './pending-forks.ts';

const SHORTEST_MS = 50;
const LONGEST_MS = 2000;

let timer: NodeJS.Timeout | undefined;
let pause = SHORTEST_MS;

/** Frees what can be freed now. */
export function sweep(): void {
  departures.look();
  pendingForks.look();
  allocator.sweep();
}

/**
 * Sees to it that blocks which this thread has lent or sent are freed though it never allocates again: looks now and
 * then, more and more seldom, as long as there are any. Does not keep the program running.
 */
export function sweepLater(soon: boolean): void {
  if (soon && pause > SHORTEST_MS) {
    pause = SHORTEST_MS;
    forgetTimer();
  }
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    departures.rotate();
    sweep();
    if (departures.isEmpty && pendingForks.isEmpty && allocator.lent === 0) return;
    pause = Math.min(LONGEST_MS, pause * 2);
    sweepLater(false);
  }, pause).unref();
}

/** In the child of a fork: timers of the parent do not run here. */
export function forgetTimer(): void {
  clearTimeout(timer);
  timer = undefined;
}
