import { Deadline, type WaitOptions, waitWithin } from '@mp/native';
import type { Child, Ending } from './launch/launcher.ts';
import { logDebug } from './logging.ts';
import type { Process } from './process.ts';
import { noteOrigin } from './remote-stack.ts';
import { self } from './self.ts';
import { takeReport } from './take-report.ts';

/** What a Process object has from its start on: the child, how it has ended, and who waits for that. */
export class StartedChild {
  readonly child: Child;
  readonly #process: Process;
  readonly #ended: Promise<void>;
  #ending: Ending | undefined;
  #error: unknown;
  #waiting = 0;
  #closed = false;

  constructor(process: Process, child: Child) {
    this.#process = process;
    this.child = child;
    self.children.add(process);
    if (process.daemon) child.unref();
    logDebug(`${process.name}: started, pid ${child.pid}`);
    this.#ended = child.ended.then((ending) => this.#finish(ending));
  }

  /** What it has reported, if it has ended by an error that nobody caught. */
  get error(): unknown {
    return this.#error;
  }

  /** How it ended, if it has, without waiting. */
  poll(): Ending | undefined {
    if (this.#ending === undefined && !this.#closed) {
      const ending = this.child.waitSync(0);
      if (ending !== undefined) this.#finish(ending);
    }
    return this.#ending;
  }

  /** Waits until it has ended. False: the time was over first. */
  async join(options: WaitOptions | undefined): Promise<boolean> {
    if (!options?.signal?.aborted) {
      if (this.poll() !== undefined) return true;
      if (Deadline.after(options?.timeout).expired) return false;
    }
    return waitWithin<boolean>(options, {
      what: `join: waiting for ${this.#process.name}`,
      begin: (resolve) => {
        void this.#ended.then(() => resolve(true));
        return this.#keepLoopAlive();
      },
      late: () => this.poll() !== undefined,
    });
  }

  /** {@link join}, blocking the thread. */
  joinSync(timeout: number | undefined): boolean {
    const ending = this.#ending ?? this.child.waitSync(Deadline.after(timeout).remaining());
    if (ending !== undefined) this.#finish(ending);
    return ending !== undefined;
  }

  /** Lets go of what belongs to it. How it has ended, as far as it is known, stays known. */
  close(): void {
    this.#closed = true;
    this.child.close();
  }

  #finish(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    const { name } = this.#process;
    logDebug(`${name}: ended with exit code ${ending.exitCode}`);
    self.children.delete(this.#process);
    this.#error = takeReport(this.child.reports);
    noteOrigin(this.#error, `${name} (pid ${this.child.pid})`);
  }

  /** A daemonic child does not keep the event loop alive, but those who wait for it do. Returns how they stop. */
  #keepLoopAlive(): () => void {
    this.#waiting++;
    this.child.ref();
    return () => {
      if (--this.#waiting === 0 && this.#process.daemon) this.child.unref();
    };
  }
}
