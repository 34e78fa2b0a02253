import { type Connection, Pipe } from '@mp/connection';

/** Holds up a task until the test opens it: the other side is fixtures/gate.ts. */
export class Gate {
  /** For the task. */
  readonly key: Connection;
  /** Resolves with the pid of the worker when the task has come to the gate. */
  readonly reached: Promise<number>;
  readonly #ours: Connection;

  constructor() {
    [this.#ours, this.key] = Pipe();
    this.reached = this.#ours.recv();
    // Whoever does not wait for it may close the gate before.
    this.reached.catch(() => {});
  }

  /** Lets the task go on. */
  open(): void {
    this.#ours.sendSync('go on');
  }

  close(): void {
    this.#ours.close();
    this.key.close();
  }
}
