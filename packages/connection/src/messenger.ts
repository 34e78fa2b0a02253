import { DeadlockError } from '@mp/errors';
import { atFork, Deadline, type WaitOptions } from '@mp/native';
import { type Attempt, AttemptQueue, abortError, NOT_YET, type Purpose, timeoutError } from './attempt.ts';
import { whyNotSent } from './partly-sent.ts';
import { strand, unstrand } from './stranded.ts';
import type { HeldMessage, MessageKind, Outgoing, Transport } from './transport.ts';

/** Options of a call that blocks the thread: nothing can abort it, so it takes no signal. */
export interface SyncWaitOptions {
  /** Milliseconds; undefined or Infinity: for ever; 0 or less: do not wait. */
  readonly timeout?: number | undefined;
}

const SENT: Promise<void> = Promise.resolve();

/**
 * Does the waiting for a connection: who sends and who receives, in the order of their calls, in both forms.
 *
 *     call ─▶ try at once ─▶ done
 *               │ not yet
 *               ├─ promise: into a queue; the transport is watched; each time that it wakes us, the queues are pumped
 *               └─ Sync: spin, announce the sleep, try again, sleep; whoever came first is served first meanwhile
 */
export class Messenger {
  readonly #transport: Transport;
  readonly #receivers: AttemptQueue;
  readonly #senders: AttemptQueue;
  readonly #subscribers = new Set<() => void>();
  #lookAgain: NodeJS.Timeout | undefined;
  #looks = 0;
  #watching = false;
  #stranded = false;

  constructor(transport: Transport) {
    this.#transport = transport;
    const idle = (): void => this.#rest();
    this.#receivers = new AttemptQueue(idle);
    this.#senders = new AttemptQueue(idle);
  }

  /** Sends. What has to wait is copied before this returns. */
  post(kind: MessageKind, message: Outgoing, purpose: Purpose, options: WaitOptions | undefined): Promise<void> {
    if (options?.signal?.aborted) throw abortError(purpose, options.signal);
    const sent = this.#senders.length === 0 && this.#transport.send(kind, message);
    if (sent === true) return SENT;
    if (Deadline.after(options?.timeout).expired) {
      if (sent !== false) sent.discard();
      throw whyNotSent(timeoutError(purpose, options?.timeout ?? 0), sent);
    }
    const held = sent || this.#transport.hold(kind, message);
    const posted = this.#senders.add(sending(held), purpose, options, () => held.discard());
    this.#watch();
    if (held.begun === undefined) return posted;
    return posted.catch((error) => Promise.reject(whyNotSent(error, held)));
  }

  postSync(kind: MessageKind, message: Outgoing, purpose: Purpose, options: SyncWaitOptions | undefined): void {
    const sent = this.#senders.length === 0 && this.#transport.send(kind, message);
    if (sent === true) return;
    const held = sent || this.#transport.hold(kind, message);
    try {
      this.#blockUntil(sending(held), this.#senders, purpose, options, true);
    } catch (error) {
      held.discard();
      throw whyNotSent(error, held);
    }
  }

  /** Makes an attempt to receive, now or when it is its turn. */
  take<T>(attempt: Attempt<T>, purpose: Purpose, options: WaitOptions | undefined): Promise<T> {
    if (options?.signal?.aborted) throw abortError(purpose, options.signal);
    if (this.#receivers.length === 0) {
      let value = attempt();
      if (value === NOT_YET && this.#transport.spin(false)) value = attempt();
      if (value !== NOT_YET) return Promise.resolve(value);
    }
    if (Deadline.after(options?.timeout).expired) {
      if (this.#transport.checkEnded() && this.#receivers.length === 0) {
        const value = attempt();
        if (value !== NOT_YET) return Promise.resolve(value);
      }
      throw timeoutError(purpose, options?.timeout ?? 0);
    }
    const taken = this.#receivers.add(attempt, purpose, options);
    this.#watch();
    return taken;
  }

  takeSync<T>(attempt: Attempt<T>, purpose: Purpose, options: SyncWaitOptions | undefined): T {
    if (this.#receivers.length === 0) {
      const value = attempt();
      if (value !== NOT_YET) return value;
    }
    return this.#blockUntil(attempt, this.#receivers, purpose, options, false);
  }

  /** Blocks until something is ready to be received, without taking it. False: the time is over. */
  blockUntilReady(isReady: () => boolean, purpose: Purpose, timeout: number): boolean {
    const transport = this.#transport;
    const deadline = Deadline.after(timeout);
    while (!deadline.expired) {
      if (deadline.remaining() === Number.POSITIVE_INFINITY) this.#refuseDeadlock(purpose);
      if (transport.spin(false)) return true;
      transport.announceSleep(true, false);
      if (isReady()) return true;
      transport.sleepSync(deadline.remaining(), false);
      this.wakeWatchers();
      if (isReady()) return true;
    }
    return false;
  }

  /** Calls `wake` whenever something may have come, until the function that it returns is called. */
  subscribe(wake: () => void): () => void {
    this.#subscribers.add(wake);
    this.#watch();
    return () => {
      this.#subscribers.delete(wake);
      this.#rest();
    };
  }

  /** A blocking call may have silenced the bell that was rung for those who wait in the event loop. */
  wakeWatchers(): void {
    if (this.#watching) this.#onWake();
  }

  /** All who wait get the error. */
  close(error: Error): void {
    this.#receivers.rejectAll(error);
    this.#senders.rejectAll(error);
    for (const wake of [...this.#subscribers]) wake();
    this.#subscribers.clear();
    this.#rest();
  }

  /** Blocks until an attempt succeeds, after those that came first. */
  #blockUntil<T>(
    attempt: Attempt<T>,
    queue: AttemptQueue,
    purpose: Purpose,
    options: SyncWaitOptions | undefined,
    writing: boolean,
  ): T {
    const transport = this.#transport;
    const deadline = Deadline.after(options?.timeout);
    let announced = false;
    try {
      for (;;) {
        queue.pump();
        if (queue.length === 0) {
          const value = attempt();
          if (value !== NOT_YET) return value;
        }
        if (deadline.expired) {
          if (!announced && transport.checkEnded()) {
            announced = true;
            continue;
          }
          throw timeoutError(purpose, options?.timeout ?? 0);
        }
        if (!announced) {
          if (transport.spin(writing)) continue;
          if (deadline.remaining() === Number.POSITIVE_INFINITY) this.#refuseDeadlock(purpose);
          transport.announceSleep(!writing, writing);
          announced = true;
        } else {
          transport.sleepSync(deadline.remaining(), writing);
          announced = false;
        }
      }
    } finally {
      this.wakeWatchers();
    }
  }

  /** Nobody but this thread could end the wait. If others could have and are dead, they are told as dead. */
  #refuseDeadlock({ method }: Purpose): void {
    const transport = this.#transport;
    if (!transport.onlyOurselves()) return;
    if (transport.orphaned?.() === true) {
      transport.pronounceEnded?.();
      return;
    }
    throw new DeadlockError(
      `${method} would wait for ever: the other end of this pipe is held by this thread alone, which the call blocks. Use the promise form, or give the other end to a process first.`,
    );
  }

  /** Something waits in the event loop: be woken, and look once more in case it came meanwhile. */
  #watch(): void {
    if (!this.#watching) {
      this.#watching = true;
      this.#looks = 0;
      Messenger.#busy.add(this);
      this.#transport.watch(this.#onWake);
    }
    this.#onWake();
  }

  readonly #onWake = (): void => {
    this.#pump();
    if (!this.#watching) return;
    this.#transport.announceSleep(this.#receivers.length + this.#subscribers.size > 0, this.#senders.length > 0);
    this.#pump();
    if (!this.#watching) return;
    this.#setStranded(this.#transport.orphaned?.() === true);
    clearTimeout(this.#lookAgain);
    const soon = this.#transport.lookAgainAfter(this.#senders.length > 0, Math.min(this.#looks++, 8));
    if (soon === Number.POSITIVE_INFINITY) return;
    this.#lookAgain = setTimeout(this.#onWake, soon);
    if (this.#stranded) this.#lookAgain.unref();
  };

  #setStranded(is: boolean): void {
    if (is === this.#stranded) return;
    this.#stranded = is;
    this.#transport.keepLoopAlive(!is);
    if (is) strand(this.#giveUp);
    else unstrand(this.#giveUp);
  }

  readonly #giveUp = (): void => {
    this.#transport.pronounceEnded?.();
    this.wakeWatchers();
  };

  #pump(): void {
    this.#senders.pump();
    this.#receivers.pump();
    for (const wake of [...this.#subscribers]) wake();
  }

  /** Nothing waits in the event loop any more: it may end. */
  #rest(): void {
    if (!this.#watching || this.#receivers.length + this.#senders.length + this.#subscribers.size > 0) return;
    this.#stop();
    this.#transport.unwatch();
  }

  #stop(): void {
    this.#watching = false;
    clearTimeout(this.#lookAgain);
    if (this.#stranded) unstrand(this.#giveUp);
    this.#stranded = false;
    Messenger.#busy.delete(this);
  }

  static readonly #busy = new Set<Messenger>();

  static {
    // Whoever waits, waits in the parent: its calls would otherwise be made twice.
    const child = (): void => {
      for (const messenger of Messenger.#busy) {
        messenger.#stop();
        messenger.#receivers.forgetAll();
        messenger.#senders.forgetAll();
        messenger.#subscribers.clear();
      }
    };
    atFork({ child });
  }
}

const sending =
  (held: HeldMessage): Attempt<void> =>
  () =>
    held.send() ? undefined : NOT_YET;
