import { logInfo } from '@mp/process/internal';
import type { ManagerLink } from './client/manager-link.ts';
import type { ServerProcess } from './server-process.ts';

/** So many milliseconds a server has, unless its manager is told otherwise, until it is ended by force. */
const SHUTDOWN_TIMEOUT = 1_000;
/** In the log, in Python's words. */
const SENDING_SHUTDOWN = 'sending shutdown message to manager';
/** For calls that are under way, and for whoever comes later. */
const REASON = 'The manager was shut down, and its objects with it.';

/** Ends the server that a manager has started, and waits for its end: by asking, and by force after `timeout`. */
export async function shutDown(
  link: ManagerLink,
  server: ServerProcess,
  timeout: number = SHUTDOWN_TIMEOUT,
): Promise<void> {
  logInfo(SENDING_SHUTDOWN);
  await link.control('shutdown', { timeout }).catch(() => {});
  link.close(REASON);
  await server.end(timeout);
  server.process.close();
}

/** {@link shutDown}, blocking the thread. */
export function shutDownSync(link: ManagerLink, server: ServerProcess, timeout: number = SHUTDOWN_TIMEOUT): void {
  logInfo(SENDING_SHUTDOWN);
  try {
    link.controlSync('shutdown', timeout);
  } catch {
    // It is ended by force.
  }
  link.close(REASON);
  server.endSync(timeout);
  server.process.close();
}
