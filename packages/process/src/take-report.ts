import type { Connection } from '@mp/connection/internal';
import { UnpicklingError } from '@mp/reduction';
import type { Report } from './protocol.ts';

/**
 * The error that a child has reported before it ended, and closes the connection; undefined if there was none.
 *
 * Only the first report counts: others come of it, on the way out.
 */
export function takeReport(reports: Connection<Report, never>): unknown {
  try {
    return reports.pollSync() ? reports.recvSync().uncaught : undefined;
  } catch (error) {
    // Of a class that cannot be loaded here: better that than nothing.
    if (error instanceof UnpicklingError) return error;
    // Else there was no report; or the child was killed while it reported, and then its exit code tells.
    return undefined;
  } finally {
    reports.close();
  }
}
