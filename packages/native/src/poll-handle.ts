import { addon, type NativePollHandle } from './addon.ts';

/** How a {@link PollHandle} behaves. */
export interface PollHandleOptions {
  /** The descriptor is a doorbell: silence it before each call of `onReady`. Default false. */
  readonly drain?: boolean | undefined;
}

/**
 * Calls back from the event loop of this thread when a descriptor is ready.
 *
 * Level-triggered: while the descriptor is ready it calls once in every turn of the loop, so read until there is
 * nothing left, or {@link stop}. Promise jobs and `process.nextTick` callbacks run after each call. What `onReady`
 * throws is an uncaught exception, as with every callback of Node.
 *
 * It does not own the descriptor but watches a duplicate of it, so the two may be closed in any order, and several
 * handles may watch the same one. As long as the handle is not closed, the other end of a socket sees no hang-up.
 * The descriptor becomes non-blocking.
 *
 * A started handle keeps the thread alive unless {@link unref}'d, and is not collected. One that is stopped and
 * forgotten is closed by the garbage collector.
 *
 * @example
 * ```ts
 * const handle = new PollHandle(doorbell, () => console.log('somebody rang'), { drain: true });
 * handle.start(READABLE);
 * // … later
 * handle.close();
 * ```
 */
export class PollHandle {
  readonly #native: NativePollHandle;

  /**
   * @param fd - a socket, doorbell, pipe, pidfd: what epoll can watch
   * @param onReady - gets the bits that are set, out of those wanted; {@link HANGUP} also unasked after an error
   * @throws Error `EPERM` for a descriptor that is always ready, such as memory or a file; `EBADF`; `EMFILE`
   */
  constructor(fd: number, onReady: (events: number) => void, options: PollHandleOptions = {}) {
    this.#native = new (addon().PollHandle)(fd, onReady, options.drain ?? false);
  }

  /**
   * Begins to watch, or changes what is watched for.
   *
   * @param events - of {@link READABLE}, {@link WRITABLE}, {@link HANGUP}, at least one
   * @throws Error `ERR_MP_CLOSED` after {@link close}
   */
  start(events: number): void {
    this.#native.start(events);
  }

  /** No more calls until {@link start}. Idempotent. */
  stop(): void {
    this.#native.stop();
  }

  /** Keeps the thread alive while started; so it is from the beginning. Idempotent. */
  ref(): void {
    this.#native.ref();
  }

  /** Lets the thread end though started. Idempotent. */
  unref(): void {
    this.#native.unref();
  }

  /** Stops for ever, and gives the duplicate of the descriptor back at once. Idempotent. */
  close(): void {
    this.#native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Whether it is started. */
  get active(): boolean {
    return this.#native.isActive();
  }
}
