import { logInfo } from '../logging.ts';

/** Tells those who look for a mistake that the child begins, and how it ends, in Python's words. */
export function announce(): void {
  logInfo('child process calling self.run()');
  process.on('exit', (code) => logInfo(`process exiting with exitcode ${process.exitCode ?? code}`));
}
