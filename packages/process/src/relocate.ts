import { PicklingError } from '@mp/reduction';

/**
 * Says where the value is that cannot be pickled in the words of who passed it: not where it lies in a message of ours.
 *
 * @param rename - from the path in the message to the path in what the user wrote
 * @returns another error of the same kind; what is no PicklingError is returned as it is
 */
export function relocate(error: unknown, rename: (path: string) => string): unknown {
  if (!(error instanceof PicklingError)) return error;
  const { valueType } = error;
  const path = rename(error.path);
  const message = error.message.replaceAll(`\`${error.path}\``, `\`${path}\``);
  return new PicklingError(message, { path, valueType, ...('cause' in error && { cause: error.cause }) });
}
