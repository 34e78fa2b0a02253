import { atFork, closeDescriptor, PollHandle, receiveBytes, sendBytes } from '@mp/native';
import type { ByteStream } from './byte-stream.ts';

/** A connected socket, which it owns. */
export class SocketStream implements ByteStream {
  readonly fileno: number;
  readonly established = true;
  readonly flushed = true;
  readonly spinnable = true;
  #handle: PollHandle | undefined;
  #events = 0;
  #keepAlive = true;
  #wake: (() => void) | undefined;

  constructor(descriptor: number) {
    this.fileno = descriptor;
  }

  get pollable(): number {
    return this.fileno;
  }

  receive(bytes: Uint8Array, start: number, end: number): number {
    return receiveBytes(this.fileno, bytes, start, end);
  }

  send(
    first: Uint8Array,
    firstStart: number,
    firstEnd: number,
    second: Uint8Array,
    secondStart: number,
    secondEnd: number,
  ): number {
    return sendBytes(this.fileno, first, firstStart, firstEnd, second, secondStart, secondEnd);
  }

  watch(events: number, wake: () => void): void {
    this.#wake = events === 0 ? undefined : wake;
    if (events === this.#events) return;
    this.#events = events;
    if (events === 0) {
      this.#handle?.stop();
      return;
    }
    this.#handle ??= this.#newHandle();
    this.#handle.start(events);
  }

  keepLoopAlive(keep: boolean): void {
    this.#keepAlive = keep;
    if (keep) this.#handle?.ref();
    else this.#handle?.unref();
  }

  close(): void {
    this.#wake = undefined;
    this.#events = 0;
    this.#handle?.close();
    this.#handle = undefined;
    SocketStream.#watched.delete(this);
    closeDescriptor(this.fileno);
  }

  #newHandle(): PollHandle {
    const handle = new PollHandle(this.fileno, () => this.#wake?.());
    if (!this.#keepAlive) handle.unref();
    SocketStream.#watched.add(this);
    return handle;
  }

  static readonly #watched = new Set<SocketStream>();

  static {
    // The handles of a forked process are its parent's, and call nobody in it.
    const child = (): void => {
      for (const stream of SocketStream.#watched) {
        stream.#handle = undefined;
        stream.#events = 0;
        stream.#wake = undefined;
      }
      SocketStream.#watched.clear();
    };
    atFork({ child });
  }
}
