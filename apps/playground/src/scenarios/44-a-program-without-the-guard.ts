/**
 * A main module that starts a process wherever it is imported: the child would start a child, and so on for ever.
 *
 * From: Python docs, Guidelines: safe importing of main module (row 44)
 * Look at: the child refuses to start anything while it still imports the main module, says how to guard it, and ends with
 *   exit code 1.
 * Differs: Python's RuntimeError is a BootstrappingError, and the parent can read it on its Process object.
 *
 * Prints:
 *     exit code: 1
 *     the parent can read it: BootstrappingError
 *
 * Prints to stderr:
 *     Process Process-1:
 *     BootstrappingError: A process was started while this child process was still importing the modules that it needs.
 *
 *     A child imports the module in which the function stands that it is to run. If that module starts processes as soon as
 *     it is imported, every child would start more of them. Start processes only in the main program:
 *
 *         if (import.meta.main) {        // Node 24.2 or newer; before: if (isMainModule(import.meta))
 *           const process = new Process({ target: work });
 *           await process.start();
 *         }
 *         at <text:place> {
 *       code: 'ERR_MP_BOOTSTRAPPING'
 *     }
 */
import { Process } from '@mp/multiprocessing';

// One line of the stack is enough to look at.
Error.stackTraceLimit = 1;

export function foo(): void {
  console.log('hello');
}

const p: Process = new Process({ target: foo });
await p.start();
await p.join();
console.log(`exit code: ${p.exitCode}`);
console.log(`the parent can read it: ${(p.error as Error).name}`);
