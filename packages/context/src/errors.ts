import { brandError, ProcessError } from '@mp/errors';

/** A start method that does not exist here, or a choice among them that cannot be made any more. */
export class StartMethodError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ERR_MP_START_METHOD', ...options });
  }
}
brandError(StartMethodError, 'StartMethodError');
