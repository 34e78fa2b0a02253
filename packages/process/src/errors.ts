import { AbortError, brandError, ProcessError } from '@mp/errors';

/** Something was asked of a process that its state does not allow: to start twice, to be joined before it was started. */
export class ProcessStateError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_PROCESS_STATE' });
  }
}
brandError(ProcessStateError, 'ProcessStateError');

/**
 * A process was to be started while the modules of its parent-to-be were still being imported by a child.
 *
 * Python: the `RuntimeError` «An attempt has been made to start a new process before the current process has finished
 * its bootstrapping phase».
 */
export class BootstrappingError extends ProcessError {
  constructor() {
    super(
      `A process was started while this child process was still importing the modules that it needs.

A child imports the module in which the function stands that it is to run. If that module starts processes as soon as
it is imported, every child would start more of them. Start processes only in the main program:

    if (import.meta.main) {        // Node 24.2 or newer; before: if (isMainModule(import.meta))
      const process = new Process({ target: work });
      await process.start();
    }`,
      { code: 'ERR_MP_BOOTSTRAPPING' },
    );
  }
}
brandError(BootstrappingError, 'BootstrappingError');

/** The program that was to run the child could not be started; `cause` says why. No child is left. */
export class StartError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ERR_MP_START', ...options });
  }
}
brandError(StartError, 'StartError');

/** What the system says while a process is started, as a StartError; what is no error of a system call, as it is. */
export function asStartError(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new StartError(`The system refuses what another process takes: ${error.message}. No process was started.`, {
    cause: error,
  });
}

/** @throws AbortError: nothing is begun for who does not want it any more */
export function assertNotAborted(signal: AbortSignal | undefined, name: string): void {
  if (!signal?.aborted) return;
  throw new AbortError(`start: starting ${name} was aborted by its signal. There is no process.`, {
    cause: signal.reason,
  });
}
