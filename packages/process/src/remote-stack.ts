import { types } from 'node:util';

/**
 * Notes in the stack of an error in which process it happened, as the place that everything was called from: its lines
 * are those of another program, and whoever reads them must not look for them in this one.
 *
 * What is no error, or cannot be changed, stays as it is.
 */
export function noteOrigin(error: unknown, origin: string): void {
  if (!types.isNativeError(error)) return;
  try {
    const { stack } = error;
    if (typeof stack !== 'string') return;
    // Not enumerable, as it was: it is not one of the fields of the error.
    Object.defineProperty(error, 'stack', {
      value: `${stack}\n    at ${origin}`,
      configurable: true,
      enumerable: false,
      writable: true,
    });
  } catch {
    // Frozen, or with a stack of its own making.
  }
}
