import {
  closeDescriptor,
  HANGUP,
  isHungUp,
  PollHandle,
  pollTwoSync,
  READABLE,
  ringDoorbell,
  silenceDoorbell,
} from '@mp/native';

/**
 * The three descriptors by which the two ends of a pipe wake each other and learn of each other's death.
 *
 *     our bell    rung by the peer when we have announced that we sleep; readable until silenced
 *     peer's bell rung by us, likewise
 *     socket      carries descriptors; hung up by the kernel when the last holder of the other end is gone
 */
export class Wakeups {
  readonly #ownBell: number;
  readonly #peerBell: number;
  readonly #socket: number;
  #ended = false;
  #bellHandle: PollHandle | undefined;
  #socketHandle: PollHandle | undefined;
  #wake: (() => void) | undefined;
  /** The bell's handle is started. */
  #listening = false;

  constructor(ownBell: number, peerBell: number, socket: number) {
    this.#ownBell = ownBell;
    this.#peerBell = peerBell;
    this.#socket = socket;
  }

  get ownBell(): number {
    return this.#ownBell;
  }

  get peerBell(): number {
    return this.#peerBell;
  }

  get socket(): number {
    return this.#socket;
  }

  /** The other end was seen to be gone. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Asks the kernel whether the other end is gone. */
  checkEnded(): boolean {
    this.#ended ||= isHungUp(this.#socket);
    return this.#ended;
  }

  /** As far as we are concerned the other end is gone, whatever the kernel says. */
  pronounceEnded(): void {
    this.#ended = true;
  }

  ringPeer(): void {
    ringDoorbell(this.#peerBell);
  }

  /** Wakes whoever else holds our end, and ourselves the next time. */
  ringOwn(): void {
    ringDoorbell(this.#ownBell);
  }

  /** Blocks until our bell is rung, the other end is gone, or the time is over. */
  sleepSync(timeout: number): void {
    // Once the peer is gone its socket is ready for ever; then only others who hold our end can ring.
    const ready = pollTwoSync(this.#ownBell, READABLE, this.#ended ? -1 : this.#socket, HANGUP, timeout);
    if (ready & READABLE) silenceDoorbell(this.#ownBell);
    if (ready >> 8) this.#ended = true;
  }

  /** What {@link sleepSync} sleeps on, for a sleep on several objects. */
  sleepOn(): readonly number[] {
    return this.#ended ? [this.#ownBell, READABLE] : [this.#ownBell, READABLE, this.#socket, HANGUP];
  }

  /** Such a sleep is over. */
  awake(): void {
    silenceDoorbell(this.#ownBell);
  }

  /** The same in the event loop, which stays alive until {@link unwatch}. */
  watch(wake: () => void): void {
    this.#wake = wake;
    if (this.#bellHandle === undefined) {
      // The handles must not keep an unreachable connection alive, nor the wait a closed one.
      const self = new WeakRef(this);
      this.#bellHandle = new PollHandle(this.#ownBell, () => Wakeups.#call(self), { drain: true });
      this.#bellHandle.start(READABLE);
      this.#socketHandle = new PollHandle(this.#socket, () => Wakeups.#hangUp(self));
      this.#socketHandle.start(HANGUP);
    } else if (!this.#listening) {
      this.#bellHandle.start(READABLE);
    }
    this.#listening = true;
    this.keepLoopAlive(true);
  }

  unwatch(): void {
    this.#wake = undefined;
    this.keepLoopAlive(false);
  }

  keepLoopAlive(keep: boolean): void {
    for (const handle of [this.#bellHandle, this.#socketHandle]) {
      if (keep) handle?.ref();
      else handle?.unref();
    }
  }

  close(): void {
    this.#wake = undefined;
    this.#bellHandle?.close();
    this.#socketHandle?.close();
    for (const descriptor of [this.#ownBell, this.#peerBell, this.#socket]) closeDescriptor(descriptor);
  }

  /** In a child that was forked: the handles are the parent's, and call nobody here. */
  afterFork(): void {
    this.#wake = undefined;
    // Each has a duplicate of a descriptor, which would keep the end open in this process after `close`.
    this.#bellHandle?.close();
    this.#socketHandle?.close();
    this.#bellHandle = undefined;
    this.#socketHandle = undefined;
  }

  static #call(wakeups: WeakRef<Wakeups>): void {
    const self = wakeups.deref();
    if (self === undefined) return;
    if (self.#wake !== undefined) {
      self.#wake();
      return;
    }
    // Nobody waits here, so the ring was for another holder of our end: we have silenced it, and give it back.
    self.#bellHandle?.stop();
    self.#listening = false;
    self.ringOwn();
  }

  static #hangUp(wakeups: WeakRef<Wakeups>): void {
    const self = wakeups.deref();
    if (self === undefined) return;
    self.#ended = true;
    self.#socketHandle?.stop();
    if (self.#wake !== undefined) self.#wake();
  }
}
