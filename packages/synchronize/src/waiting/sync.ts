import { type Deadline, futexWaitSync } from '@mp/native';
import { type Attempt, LATE, NOT_YET } from './attempt.ts';
import { firstSlice, nextSlice } from './slice.ts';

/** Tries until it succeeds or the time is over, and blocks the thread meanwhile. */
export function attemptSync<T>(attempt: Attempt<T>, deadline: Deadline): T | typeof LATE {
  let patrol = false;
  let slice = firstSlice;
  for (;;) {
    // Who does not want to wait gets one look, and that has to notice the dead, too.
    const value = attempt.try(patrol || deadline.expired);
    if (value !== NOT_YET) return value;
    const remaining = deadline.remaining();
    if (remaining === 0) {
      attempt.abandon();
      return LATE;
    }
    patrol = futexWaitSync(attempt.words, attempt.index, attempt.expected, Math.min(remaining, slice)) === 'timed-out';
    if (patrol) slice = nextSlice(slice);
  }
}
