/** What a worker thread is given when it starts. */
export interface ThreadData {
  /** Of the family of processes: proxies of managers travel under it. */
  readonly authkey: Uint8Array;
  /** Of its end of the pipe. They stay the property of who has started it. */
  readonly descriptors: readonly number[];
  /** What it writes down for those who cannot wait for its events. */
  readonly note: Int32Array;
}

/** Where the note says which thread of the system it is; 0: it has not come up yet. */
export const THREAD = 0;
/** Where it says with which code it exits. A thread that is ended says 1. */
export const EXIT_CODE = 1;
export const NOTE_WORDS = 2;
