import { detach, letGo, type Outgoing } from './outgoing.ts';
import type { SharedQueue } from './shared-queue.ts';
import type { Attempt, Unsuccessful } from './waiting/attempt.ts';
import type { Effort } from './waiting/turnstile.ts';

/** A message that waits for room in its queue. */
export class Posting implements Effort {
  /** The queue object and not what it shares, so that it is not collected while the message waits. */
  readonly #queue: { readonly shared: SharedQueue };
  #message: Outgoing;
  #held = false;
  #over = false;

  constructor(queue: { readonly shared: SharedQueue }, message: Outgoing) {
    this.#queue = queue;
    this.#message = message;
  }

  readonly attempt: Attempt<void> = () => {
    let outcome: true | Unsuccessful;
    try {
      outcome = this.#queue.shared.put(this.#message);
    } catch (error) {
      this.#end();
      throw error;
    }
    if (outcome !== true) return outcome;
    this.#end();
    return undefined;
  };

  hold(): void {
    if (this.#held) return;
    this.#message = detach(this.#message);
    this.#held = true;
  }

  abandon(): void {
    if (this.#over) return;
    this.#end();
    this.#queue.shared.dispose(this.#message);
  }

  #end(): void {
    this.#over = true;
    if (this.#held) letGo(this.#message);
  }
}
