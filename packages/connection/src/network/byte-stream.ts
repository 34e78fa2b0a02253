/** What carries the frames: a socket, or TLS over one. Never waits; errors of the system are thrown as they are. */
export interface ByteStream {
  readonly fileno: number;
  /** Whether bytes can go to and fro: false while TLS agrees on its keys. Throws if that has failed. */
  readonly established: boolean;
  /** Into `bytes[start, end)`. How many; 0: the peer will send no more; -1: nothing is there yet. */
  receive(bytes: Uint8Array, start: number, end: number): number;
  /** Two parts, one behind the other. How many bytes were taken; -1: no room now. The bytes may change after it. */
  send(
    first: Uint8Array,
    firstStart: number,
    firstEnd: number,
    second: Uint8Array,
    secondStart: number,
    secondEnd: number,
  ): number;
  /** Whether something may come while nobody but this thread looks, so that looking again and again makes sense. */
  readonly spinnable: boolean;
  /** Everything that was taken has been handed to the kernel. */
  readonly flushed: boolean;
  /**
   * From now on calls `wake` in the event loop while any of the events (READABLE, WRITABLE) is there; 0: does not.
   */
  watch(events: number, wake: () => void): void;
  /** Whether watching keeps the event loop alive. */
  keepLoopAlive(keep: boolean): void;
  /** What a thread can sleep on. Throws if it cannot. */
  readonly pollable: number;
  close(): void;
}
