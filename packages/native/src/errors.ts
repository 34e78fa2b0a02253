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
