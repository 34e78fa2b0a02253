/**
 * What hangs on `process` and belongs to the parent: its number, what it listens to, its channel to its own parent.
 *
 * @module
 */
import { constants } from 'node:os';
import { addon } from '../addon.ts';

/** What only the parent can want to know. Node's own listeners, for warnings and for listeners, stay. */
const LISTENERS_OF_PARENT: ReadonlySet<string | symbol> = new Set([
  'beforeExit',
  'disconnect',
  'error',
  'exit',
  'internalMessage',
  'message',
  'multipleResolves',
  'rejectionHandled',
  'uncaughtException',
  'uncaughtExceptionMonitor',
  'unhandledRejection',
  'worker',
  ...Object.keys(constants.signals),
]);

/** In the child. A signal that the parent listened to does what it does to every process. */
export function takeOverProcessObject(): void {
  // A plain number, made when Node began. Of the main thread it is the pid.
  Object.defineProperty(process, 'pid', { value: addon().threadId(), enumerable: true, configurable: true });
  for (const event of process.eventNames()) {
    if (LISTENERS_OF_PARENT.has(event)) process.removeAllListeners(event);
  }
  if ((process as { domain?: unknown }).domain) leaveDomains();
  if (process.hasUncaughtExceptionCaptureCallback()) process.setUncaughtExceptionCaptureCallback(null);
  process.exitCode = undefined;
  if (process.channel !== undefined && process.channel !== null) leaveChannel();
}

/**
 * What the child throws is not for the listeners of the parent. The prompt of Node runs in a domain, which would print it
 * and go on; and where there is one, the callback for uncaught errors is its own, and cannot be set.
 */
function leaveDomains(): void {
  const inDomain = process as { domain?: { exit(): void } | null };
  while (inDomain.domain) inDomain.domain.exit();
}

/** Its descriptor is inert already; what it is called by goes, too, so that programs see that there is none. */
function leaveChannel(): void {
  for (const name of ['channel', 'send', 'disconnect']) {
    Object.defineProperty(process, name, { value: undefined, configurable: true, writable: true });
  }
  Object.defineProperty(process, 'connected', { value: false, configurable: true, writable: true });
  delete process.env.NODE_CHANNEL_FD;
}
