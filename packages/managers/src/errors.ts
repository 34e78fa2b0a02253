import { brandError, ProcessError } from '@mp/errors';

/**
 * The server of a manager refused a call, or cannot answer it: there is no such type, object or method, or the result
 * cannot travel (`cause`). What a method itself throws arrives as it is, and never as this.
 *
 * Python: `multiprocessing.managers.RemoteError`.
 */
export class RemoteError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ERR_MP_REMOTE', ...options });
  }
}
brandError(RemoteError, 'RemoteError');

/**
 * The server of a manager is gone, or cannot be reached any more: it ended, was killed, was shut down, or the network
 * between was cut. The objects of it are lost. Whether a call that was under way had effects is not known.
 *
 * Python: `BrokenPipeError`, `EOFError` or `ConnectionRefusedError`, by chance.
 */
export class ManagerLostError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ERR_MP_MANAGER_LOST', ...options });
  }
}
brandError(ManagerLostError, 'ManagerLostError');

/** Something was asked of a manager that its state does not allow: an object before `start`, a second `start`. */
export class ManagerStateError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_MANAGER_STATE' });
  }
}
brandError(ManagerStateError, 'ManagerStateError');
