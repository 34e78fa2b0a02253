/**
 * A fork server: a clean process that forks a child for each request; main.ts loads it. The side of those who ask is
 * server.ts.
 *
 *     1. takes over the descriptors 3 to 6: its end of the connection to its only user
 *     2. starts the watchdog: it does not outlive its user, who is the only one to have the other end
 *     3. loads the modules that it was told to
 *     4. rehearses what a child does first, so that its children find it compiled
 *     5. forks, tells how children end, and ends itself when its user is gone; children that still run go on
 *
 * The connection has no name and no address, so nobody else can ask for anything, and there is no key to be kept.
 */
import { Connection, LocalEnd } from '@mp/connection/internal';
import { endWithParent, setCloseOnExec } from '@mp/native';
import { FIRST_DESCRIPTORS } from '../child/first-descriptors.ts';
import { preloadModules } from './preloading.ts';
import type { FromServer, Setup, ToServer } from './protocol.ts';
import { rehearse } from './rehearsal.ts';
import { serve } from './serving.ts';

export async function start(): Promise<void> {
  for (const descriptor of FIRST_DESCRIPTORS) setCloseOnExec(descriptor, true);
  const end = new LocalEnd(FIRST_DESCRIPTORS, 1);
  endWithParent(end.fileno);
  // Ctrl-C goes to the whole family; children have their own way with it.
  process.on('SIGINT', () => {});
  const user = new Connection<ToServer, FromServer>(end);
  const setup = user.recvSync() as Setup;
  process.argv.splice(1, process.argv.length, ...setup.argv);
  await preloadModules(setup);
  await rehearse(setup);
  serve(user);
}
