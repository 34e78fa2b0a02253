import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import type { Connection } from '@mp/connection';
import { PicklingError } from '@mp/reduction';
import type { Report } from '../protocol.ts';
import { self } from '../self.ts';
import { outputTaken } from './output.ts';

/** The parent is only told, never waited for: it may be busy, or gone. */
const REPORT_TIMEOUT_MS = 1000;

/**
 * Ends this child because of an error of what it ran: printed with the name of the process, reported, exit code 1.
 * That is at once, except for what was printed into a pipe that is full.
 */
export function endWithError(error: unknown, parent: Connection<unknown, Report>): void {
  tell(error, parent);
  const taken = outputTaken();
  if (taken === undefined) process.exit(1);
  void taken.then(() => process.exit(1));
}

/** Prints the error with the name of the process, and reports it to the parent. */
export function tell(error: unknown, parent: Connection<unknown, Report>): void {
  print(`${header()}${show(error)}\n`);
  report(error, parent);
}

/** The same for errors that come up outside of what it ran: in a timer, an event, a promise that nobody awaits. */
export function endOnUncaughtErrors(parent: Connection<unknown, Report>): void {
  process.on('uncaughtExceptionMonitor', (error) => reportUncaught(error, parent));
}

/** Called for every error that nobody has caught so far. */
export function reportUncaught(error: unknown, parent: Connection<unknown, Report>): void {
  // Somebody takes care of it, and the process goes on.
  if (process.listenerCount('uncaughtException') > 0) return;
  // Node prints the error itself, and exits with 1.
  print(header());
  report(error, parent);
}

const header = (): string => `Process ${self.current?.name}:\n`;

function report(uncaught: unknown, parent: Connection<unknown, Report>): void {
  try {
    parent.sendSync({ uncaught }, { timeout: REPORT_TIMEOUT_MS });
  } catch (error) {
    // Errors can always be pickled, but anything may be thrown.
    if (error instanceof PicklingError) report(replacementFor(uncaught, error), parent);
    // Otherwise the exit code has to do.
  }
}

const replacementFor = (thrown: unknown, cause: PicklingError): Error =>
  new Error(`${show(thrown)} was thrown, which cannot be sent to the parent.`, { cause });

/** What is shown may be an object of the user that throws when it is looked at. */
function show(thrown: unknown): string {
  try {
    return inspect(thrown);
  } catch {
    return inspect(thrown, { customInspect: false, getters: false });
  }
}

/** At once, for it may be the last that this process does; but after what was printed before, and the whole of it. */
function print(text: string): void {
  const bytes = Buffer.from(text);
  try {
    const written = process.stderr.writableLength > 0 ? 0 : writeNow(process.stderr.fd, bytes);
    if (written < bytes.length) process.stderr.write(bytes.subarray(written));
  } catch {
    // There is no standard error, or nobody reads it.
  }
}

/** @returns how much there was room for */
function writeNow(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
