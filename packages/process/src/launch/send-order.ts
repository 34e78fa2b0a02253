import type { Connection } from '@mp/connection/internal';
import { type Assignment, type Preparation, pathInOptions, type Report } from '../protocol.ts';
import { relocate } from '../relocate.ts';
import type { Order } from './launcher.ts';

/**
 * Sends a child, which need not exist yet, what it needs.
 *
 * @throws PicklingError with the place in the options of the Process object
 */
export function sendOrder(child: Connection<Report, Preparation | Assignment>, order: Order): void {
  try {
    child.sendSync(order.preparation);
    child.sendSync(order.assignment());
  } catch (error) {
    throw relocate(error, pathInOptions);
  }
}
