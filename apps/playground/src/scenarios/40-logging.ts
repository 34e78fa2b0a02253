/**
 * The life of a manager, as it is logged by the program and by its server process.
 *
 * From: Python docs, Logging (row 40)
 * Look at: `logToStderr` sets up the children that are started later, too; each line says how grave it is, and whose it is.
 * Differs: the server's address is an abstract name, for which no temporary directory is made. Python shuts its manager
 *   down when the last reference to it is deleted; here that is said, or happens when the program ends.
 *
 * Prints:
 *     the server is SyncManager-1, process <pid:server>
 *
 * Prints to stderr:
 *     [WARNING/MainProcess] doomed
 *     [INFO/SyncManager-1] child process calling self.run()
 *     [INFO/SyncManager-1] manager serving at '\x00mp-manager-<word:name>'
 *     [INFO/MainProcess] sending shutdown message to manager
 *     [INFO/SyncManager-1] manager exiting with exitcode 0
 *     [INFO/SyncManager-1] process exiting with exitcode 0
 */
import { isMainModule, logToStderr, Manager } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const logger = logToStderr();
  logger.setLevel('INFO');
  logger.warning('doomed');
  const m = await Manager();
  console.log(`the server is ${m.process?.name}, process ${m.process?.pid}`);
  await m.shutdown();
}
