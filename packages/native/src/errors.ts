import { brandError, ProcessError } from '@mp/errors';

/**
 * The native part of this package could not be loaded: the platform is not supported, or its package is not
 * installed. The message names the platform, what was tried, and what to do. `cause` is the first error of loading.
 *
 * Nothing else of the package was done; importing it never throws, only the first call does.
 */
export class NativeUnavailableError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ERR_MP_NATIVE', ...('cause' in options && { cause: options.cause }) });
  }
}
brandError(NativeUnavailableError, 'NativeUnavailableError');

/**
 * This process cannot be forked, now or at all. The message says why, and what to use instead. There is no child.
 *
 * `cause` is the error of the system, if it was the system that refused: too many processes, too little memory.
 */
export class ForkError extends ProcessError {
  /** Why, in one sentence. */
  readonly reason: string;

  constructor(reason: string, options: { cause?: unknown } = {}) {
    super(
      `This process cannot be forked: ${reason}. Use the start method forkserver, or spawn, which need no copy of this process.`,
      { code: 'ERR_MP_FORK', ...('cause' in options && { cause: options.cause }) },
    );
    this.reason = reason;
  }
}
brandError(ForkError, 'ForkError');
