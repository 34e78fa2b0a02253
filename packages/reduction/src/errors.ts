import { brandError, ProcessError } from '@mp/errors';

/**
 * A value cannot cross the process border. Nothing was sent, and the pickler may be used again at once.
 *
 * The message says where the value is, what is wrong with it and what to do.
 *
 * Python: `pickle.PicklingError` (and the bare `TypeError` or `AttributeError` that Python raises for locks and lambdas).
 *
 * @example
 * ```ts
 * try {
 *   dumps({ users: [{ onClick: () => 1 }] });
 * } catch (error) {
 *   if (error instanceof PicklingError) console.error(error.path); // value.users[0].onClick
 * }
 * ```
 */
export class PicklingError extends ProcessError {
  /** Where the value is, as an expression from the root: `args[1].users[3].callback`. */
  readonly path: string;
  /** What it is: `'function'`, `'symbol'`, or the name of its class such as `'Promise'`. */
  readonly valueType: string;

  constructor(message: string, options: { path: string; valueType: string; cause?: unknown }) {
    super(message, { code: 'ERR_MP_PICKLING', ...('cause' in options && { cause: options.cause }) });
    this.path = options.path;
    this.valueType = options.valueType;
  }
}
brandError(PicklingError, 'PicklingError');

/**
 * A message cannot be turned back into a value: it is corrupt, comes from another version of the code,
 * names something that does not exist here, or asks for something that an untrusted sender may not have.
 *
 * Python: `pickle.UnpicklingError`.
 */
export class UnpicklingError extends ProcessError {
  constructor(message: string, options: { code?: string; cause?: unknown } = {}) {
    super(message, { code: options.code ?? 'ERR_MP_UNPICKLING', ...('cause' in options && { cause: options.cause }) });
  }
}
brandError(UnpicklingError, 'UnpicklingError');

/**
 * A `Sync` form received a message that needs a module which is not loaded yet and which Node cannot load
 * synchronously, because it uses top-level await. The message is untouched: load the module, or use the promise form,
 * and try again.
 *
 * Python has no counterpart: there every import is synchronous.
 */
export class ModuleNotLoadedError extends UnpicklingError {
  /** The URL of the module to `await import()` before trying again. */
  readonly module: string;

  constructor(message: string, options: { module: string; cause?: unknown }) {
    super(message, { code: 'ERR_MP_MODULE_NOT_LOADED', ...('cause' in options && { cause: options.cause }) });
    this.module = options.module;
  }
}
brandError(ModuleNotLoadedError, 'ModuleNotLoadedError');
