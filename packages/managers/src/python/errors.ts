import { brandError, ProcessError } from '@mp/errors';

/**
 * An exception of Python: raised by an object of a Python manager, or to be raised in a Python client.
 *
 * @example
 * ```ts
 * try {
 *   await dict.at('missing');
 * } catch (error) {
 *   if (error instanceof PythonError && error.type === 'builtins.KeyError') console.log(error.args);
 * }
 * ```
 */
export class PythonError extends ProcessError {
  /** Its class in Python, with the module: `'builtins.KeyError'`. */
  readonly type: string;
  /** Its arguments. */
  readonly args: readonly unknown[];

  constructor(type: string, args: readonly unknown[]) {
    super(`${type.replace('builtins.', '')}: ${args.map(String).join(', ')}`, { code: 'ERR_MP_PYTHON' });
    this.type = type;
    this.args = args;
  }
}
brandError(PythonError, 'PythonError');
