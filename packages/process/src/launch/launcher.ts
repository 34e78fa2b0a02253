import type { Connection } from '@mp/connection/internal';
import type { WaitOptions } from '@mp/native';
import type { Process } from '../process.ts';
import type { Assignment, Preparation, Report } from '../protocol.ts';

/** How a process ended. */
export interface Ending {
  /** What it passed to `exit`, or minus the number of the signal that killed it. */
  readonly exitCode: number;
}

/** A child that was started, as its parent sees it. One class for each start method. */
export interface Child {
  readonly pid: number;
  /** A descriptor that becomes readable when the child ends; belongs to this object. */
  readonly sentinel: number;
  /** What the child reports; closed by the other end when it has ended. */
  readonly reports: Connection<Report, never>;
  /** Resolves when the child has ended. Never rejects. */
  readonly ended: Promise<Ending>;
  /** How it ended, if it has; waits for it up to `timeout` milliseconds, blocking the thread. */
  waitSync(timeout: number): Ending | undefined;
  /** Sends a signal; does nothing if the child has ended. */
  signal(name: NodeJS.Signals): void;
  /** Whether this child keeps our event loop alive. */
  ref(): void;
  unref(): void;
  /** Closes descriptors. The child has ended. */
  close(): void;
}

/** What is to be started: a Process object. */
export interface Order {
  readonly preparation: Preparation;
  /** The object taken apart, for those who send it. */
  readonly assignment: () => Assignment;
  /** Makes the object stand for the running process, for those who inherit it. */
  readonly become: () => Process;
}

/** Starts children. Whatever cannot be pickled is an error before there is a child. */
export interface Launcher {
  /** Blocks the thread until there is a child. */
  startSync(order: Order): Child;
  /** For those who have to wait for it; without it, `startSync` takes no time to speak of. */
  readonly start?: (order: Order, options: WaitOptions) => Promise<Child>;
}
