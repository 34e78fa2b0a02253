import { brandError, hasBrand } from './brand.ts';

/**
 * The root of every error that an `@mp` package raises on its own account.
 *
 * Errors of the user's own functions are never wrapped in it: they arrive as what they are.
 *
 * Python: `multiprocessing.ProcessError`.
 *
 * @example
 * ```ts
 * try {
 *   await connection.recv({ timeout: 1000 });
 * } catch (error) {
 *   if (error instanceof ProcessError) console.error(error.code, error.message);
 *   else throw error;
 * }
 * ```
 */
export class ProcessError extends Error {
  /** Stable and machine-readable, for example `'ERR_MP_TIMEOUT'`; a message may change, a code does not. */
  readonly code: string;

  constructor(message: string, options: { code?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = options.code ?? 'ERR_MP_PROCESS';
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a derived class must be asked for its own brand, not for this one's.
    return hasBrand(this, value);
  }
}
brandError(ProcessError, 'ProcessError');
