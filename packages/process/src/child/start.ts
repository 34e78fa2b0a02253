/**
 * What a spawned child does; main.ts loads it.
 *
 *     1. takes over the descriptors 3 to 6: its end of the first connection
 *     2. starts the watchdog: from now on it cannot outlive its parent
 *     3. reads the preparation, and becomes who it is
 *     4. reads the assignment, for which it imports the modules of target and arguments
 *     5. runs it
 *     6. ends when nothing is under way any more, or at once after an error that nobody caught
 */
import { Connection, LocalEnd } from '@mp/connection/internal';
import { countLibraries, endWithParent, exitNow, setCloseOnExec } from '@mp/native';
import type { Assignment, Preparation, Report } from '../protocol.ts';
import { becomeChild } from './become.ts';
import { endQuickly } from './end-quickly.ts';
import { FIRST_DESCRIPTORS } from './first-descriptors.ts';
import { runAssignment } from './run.ts';

export function start(): void {
  for (const descriptor of FIRST_DESCRIPTORS) setCloseOnExec(descriptor, true);
  const end = new LocalEnd(FIRST_DESCRIPTORS, 1);
  endWithParent(end.fileno);
  endQuickly({ countLibraries, exitNow });
  const parent = new Connection<Preparation | Assignment, Report>(end);
  const preparation = parent.recvSync() as Preparation;
  becomeChild(preparation);
  // Not awaited: if it never ends, Node would speak of this line.
  void runAssignment(parent as Connection<Assignment, Report>, preparation);
}
