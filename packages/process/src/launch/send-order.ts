import type { Connection } from '@mp/connection/internal';
import { logDebug } from '../logging.ts';
import { type Assignment, type Preparation, pathInOptions, type Report } from '../protocol.ts';
import { relocate } from '../relocate.ts';
import type { Order } from './launcher.ts';

/**
 * Sends a child, which need not exist yet, what it needs.
 *
 * @returns what was sent
 * @throws PicklingError with the place in the options of the Process object
 */
export function sendOrder(child: Connection<Report, Preparation | Assignment>, order: Order): Assignment {
  try {
    child.sendSync(order.preparation);
    logDebug(`${order.preparation.name}: preparation data sent`);
    const assignment = order.assignment();
    child.sendSync(assignment);
    logDebug(`${order.preparation.name}: process object sent`);
    return assignment;
  } catch (error) {
    throw relocate(error, pathInOptions);
  }
}
