/** An attempt has to wait. */
export const NOT_YET: unique symbol = Symbol('not yet');
/** The time was over before an attempt succeeded. */
export const LATE: unique symbol = Symbol('late');

/**
 * One wait for something in shared memory, apart from how to sleep: {@link attemptSync} and {@link Line} do that.
 *
 * Nothing depends on a wake-up alone. A wake-up may hit somebody who is killed before acting on it, so that all who
 * sleep look again after a while by themselves, and look after the living while they are at it.
 */
export interface Attempt<T> {
  /** As it stands in messages: «Lock.acquire: waiting for the lock». */
  readonly what: string;
  readonly words: Int32Array;
  /**
   * Tries without waiting. If that fails, it makes sure that whoever changes the word at {@link index} from
   * {@link expected} will wake the sleepers.
   *
   * @param patrol - a while has passed in which nothing happened: see whether those who are waited for live
   */
  try(patrol: boolean): T | typeof NOT_YET;
  /** After NOT_YET: the word to sleep on, and its value. */
  readonly index: number;
  readonly expected: number;
  /** It is given up, by time-out or signal: pass on what it may have been given. */
  abandon(): void;
}
