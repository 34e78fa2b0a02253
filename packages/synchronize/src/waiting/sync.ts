import { DeadlockError } from '@mp/errors';
import { Deadline, futexWaitSync } from '@mp/native';
import type { Block } from '@mp/shared-memory/internal';
import { type Attempt, LATE, NOT_YET } from './attempt.ts';
import { firstSlice, nextSlice } from './slice.ts';

/**
 * Tries until it succeeds or the time is over, and blocks the thread meanwhile.
 *
 * @param needed - whoever could let it succeed has this block
 * @throws DeadlockError when there is no time-out, and nobody else has got it, or everybody else is dead
 */
export function attemptSync<T>(attempt: Attempt<T>, deadline: Deadline, needed?: Block): T | typeof LATE {
  let patrol = false;
  let slice = firstSlice;
  for (;;) {
    // Before the look: whoever was the last to have it may have done it before.
    const isHopeless = patrol && deadline === Deadline.never && needed?.isOnlyHere === true;
    // Who does not want to wait gets one look, and that has to notice the dead, too.
    const value = attempt.try(patrol || deadline.expired);
    if (value !== NOT_YET) return value;
    const remaining = deadline.remaining();
    if (remaining === 0 || isHopeless) {
      attempt.abandon();
      if (!isHopeless) return LATE;
      throw new DeadlockError(
        `${attempt.what} would last for ever: nobody has the object but this thread, which the call blocks. Use the promise form, give it to a process first, or a timeout.`,
      );
    }
    patrol = futexWaitSync(attempt.words, attempt.index, attempt.expected, Math.min(remaining, slice)) === 'timed-out';
    if (patrol) slice = nextSlice(slice);
  }
}
