import type { IncomingPickle, Pickle } from '@mp/reduction';
import type { Codec } from './codec.ts';
import type { BYTES, PICKLE } from './ring/layout.ts';

/** What a message is: raw bytes, or a pickled object. */
export type MessageKind = typeof BYTES | typeof PICKLE;

/** A message to be sent. Raw bytes look like a pickle without buffers and descriptors. */
export type Outgoing = Pick<Pickle, 'bytes' | 'start' | 'end' | 'buffers' | 'descriptors'>;

/** A message as it lies in the memory of its transport. */
export interface Incoming extends IncomingPickle {
  readonly kind: MessageKind;
  readonly buffers: readonly Uint8Array[];
  readonly descriptors: readonly number[];
  /**
   * False: `bytes` are good until `done()` is called, and must be copied by then.
   * True: they stay good after it, until `release()`.
   */
  readonly lasting: boolean;
  /** The bytes of the whole message for the user to keep, without copying where the transport can. */
  keepBytes(): Uint8Array;
  /** Nobody needs the memory of a lasting message any more. */
  release(): void;
}

/** A message that belongs to the transport until it is sent or discarded. */
export interface HeldMessage {
  /** Like `Transport.send`. */
  send(): boolean;
  discard(): void;
  /** Part of it is on its way: it is finished even if it is discarded. Undefined: that never happens here. */
  readonly begun?: boolean;
}

/**
 * What carries the messages of a {@link Connection}: a ring in shared memory, or a socket.
 *
 * Nothing here waits except `sleepSync`. A caller tries, and if there is nothing yet, says what it waits for, tries
 * once more, and sleeps; in the event loop it is woken through `watch`.
 */
export interface Transport {
  readonly readable: boolean;
  readonly writable: boolean;
  /** How objects travel. Default: as between processes of one program. */
  readonly codec?: Codec;
  /** The other side is known to be gone: nothing will come but what is already here. Costs no system call. */
  readonly ended: boolean;
  /** The same, after asking the kernel. */
  checkEnded(): boolean;
  /** The next message, in place. Call `done` before anything else. Undefined: there is none at the moment. */
  receive(): Incoming | undefined;
  /** The message that `receive` returned is taken. */
  done(): void;
  /** Whether `receive` would return a message. */
  hasMessage(): boolean;
  /**
   * True: the whole message is sent. False: nothing of it, there is no room now. Otherwise part of it, by a transport
   * that cannot help it: the rest is in what is returned.
   */
  send(kind: MessageKind, message: Outgoing): boolean | HeldMessage;
  /** Keeps a copy of a message that must wait for room. */
  hold(kind: MessageKind, message: Outgoing): HeldMessage;
  /** Looks again and again for a moment. True: trying is worthwhile. */
  spin(writing: boolean): boolean;
  /** From now on the other side wakes us. Try once more after this. */
  announceSleep(reading: boolean, writing: boolean): void;
  /** Blocks the thread until something may have changed, at most `timeout` milliseconds. */
  sleepSync(timeout: number, writing: boolean): void;
  /** What to sleep on together with others: descriptor and events of poll(2), alternating. */
  sleepOn(): readonly number[];
  /** Such a sleep is over. */
  awake(): void;
  /** How soon to look again unasked, in milliseconds; Infinity: being woken is certain. */
  lookAgainAfter(writing: boolean, attempt: number): number;
  /** Calls `wake` in the event loop when something may have changed, and keeps the loop alive, until `unwatch`. */
  watch(wake: () => void): void;
  unwatch(): void;
  /** Whether watching keeps the event loop alive. */
  keepLoopAlive(keep: boolean): void;
  /** Nobody but this thread holds the other end: it would wait for itself. */
  onlyOurselves(): boolean;
  /**
   * {@link onlyOurselves}, and somebody else had the other end before, who has died or closed it: whoever forgot to
   * close it here waits in vain. Undefined: that cannot happen.
   */
  orphaned?(): boolean;
  /** From now on the other side counts as gone. */
  pronounceEnded?(): void;
  readonly fileno: number;
  close(): void;
}
