import { brandError } from './brand.ts';
import { ProcessError } from './process-error.ts';

/** The object was closed by this process before the call, or while the call was waiting. */
export class ClosedError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_CLOSED' });
  }
}
brandError(ClosedError, 'ClosedError');

/**
 * The other side is gone, so what was to be delivered can never arrive.
 *
 * Python: `BrokenPipeError`.
 */
export class BrokenPipeError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'EPIPE', ...options });
  }
}
brandError(BrokenPipeError, 'BrokenPipeError');

/**
 * Everything that was sent has been received, and nobody is left who could send more.
 *
 * Python: `EOFError`.
 */
export class EOFError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_EOF' });
  }
}
brandError(EOFError, 'EOFError');
