import { PollHandle, pollTwoSync, READABLE } from '@mp/native';
import type { Readiness } from './waitable.ts';

/** Waits for a bare descriptor: the sentinel of a process, a socket, a pipe. */
export class DescriptorReadiness implements Readiness {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  isReady(): boolean {
    return pollTwoSync(this.#descriptor, READABLE, -1, 0, 0) !== 0;
  }

  arm(): void {}

  descriptors(): readonly number[] {
    return [this.#descriptor, READABLE];
  }

  disarm(): void {}

  lookAgainAfter(): number {
    return Number.POSITIVE_INFINITY;
  }

  subscribe(wake: () => void): () => void {
    const handle = new PollHandle(this.#descriptor, wake);
    handle.start(READABLE);
    return () => handle.close();
  }
}
