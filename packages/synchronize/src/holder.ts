/**
 * Who holds something, as it stands in shared memory: a thread, in two words.
 *
 *     identity   its thread number (22 bits), and 9 bits of when that thread was started; never 0, never negative
 *     start      32 bits of when it was started; written after the identity. 0: not written yet
 *
 * A number alone would not do, for the system gives it to another thread later. The main thread of a process and its
 * workers are different holders.
 *
 * @module
 */
import { atFork, processStartTime, threadId } from '@mp/native';

const NUMBER_BITS = 22;
const NUMBER_MASK = (1 << NUMBER_BITS) - 1;
const START_MASK = 0x1ff;

/** Bit 31 is free for the word that the identity stands in. */
export const IDENTITY_MASK = 0x7fff_ffff;

/** Nobody has written a start. */
export const UNKNOWN = 0;

/** The identity of the calling thread; 0 until {@link identify} was called. */
export let me = 0;
/** When the calling thread was started. */
export let myStart = 0;

const identityOf = (thread: number, start: number): number =>
  (thread & NUMBER_MASK) | ((start & START_MASK) << NUMBER_BITS);

/** The thread that an identity stands for. */
export const threadOf = (identity: number): number => identity & NUMBER_MASK;

/** Never 0, so that 0 can say that nobody has written it. */
function startOf(thread: number): number | undefined {
  const ticks = processStartTime(thread);
  return ticks === undefined ? undefined : Number(BigInt.asIntN(32, ticks)) || 1;
}

function lookUp(): void {
  const thread = threadId();
  myStart = startOf(thread) ?? 0;
  me = identityOf(thread, myStart);
}

/** Finds out who we are. Whoever makes an object that holds something calls it first. */
export function identify(): void {
  if (me === 0) lookUp();
}

/**
 * Whether the thread that wrote these two words is still living. Takes about 20 µs. Who is hidden from us (a `/proc`
 * that shows only one's own processes) counts as living.
 *
 * Whoever was killed between the two has left nothing, or the second of a holder that died: that does not fit the
 * first, and says nothing.
 */
export function isHolderAlive(identity: number, written: number): boolean {
  if (identity === me) return true;
  const thread = threadOf(identity);
  let start: number | undefined;
  try {
    start = startOf(thread);
  } catch {
    return true;
  }
  if (start === undefined || identityOf(thread, start) !== identity) return false;
  return written === UNKNOWN || identityOf(thread, written) !== identity || written === start;
}

// A child of a fork is another process: what its parent holds is not its own.
atFork({
  child: () => {
    if (me !== 0) lookUp();
  },
});
