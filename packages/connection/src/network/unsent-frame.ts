import type { HeldMessage, Outgoing } from '../transport.ts';
import { frame } from './frames.ts';
import type { StreamEnd } from './stream-end.ts';

/** A frame that is not sent yet, or only in part: in memory of its own. */
export class UnsentFrame implements HeldMessage {
  readonly #end: StreamEnd;
  #bytes: Buffer;
  #sent: number;
  #done = false;

  /** @param sent - how many bytes of the frame are on their way already */
  constructor(end: StreamEnd, message: Outgoing, sent: number) {
    this.#end = end;
    this.#bytes = frame(message);
    this.#sent = sent;
    if (sent > 0) end.begun = this;
  }

  get begun(): boolean {
    return this.#sent > 0;
  }

  /** Sends what there is room for. True: all of it is sent. */
  send(): boolean {
    if (this.#done) return true;
    const { begun } = this.#end;
    if (begun !== undefined && begun !== this && !begun.send()) return false;
    while (this.#sent < this.#bytes.length) {
      const count = this.#end.write(this.#bytes, this.#sent, this.#bytes.length);
      if (count === -1) return false;
      this.#sent += count;
      this.#end.begun = this;
    }
    if (!this.#end.flushed) return false;
    this.#done = true;
    this.#bytes = Buffer.alloc(0);
    this.#end.begun = undefined;
    return true;
  }

  discard(): void {
    if (this.begun && !this.#done) this.#end.finishInBackground();
  }
}
