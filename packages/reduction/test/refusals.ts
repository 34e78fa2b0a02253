import { dumps, PicklingError } from '../src/index.ts';

/** The error with which a value is refused. */
export function refusalOf(value: unknown): PicklingError {
  try {
    dumps(value);
  } catch (error) {
    if (error instanceof PicklingError) return error;
    throw error;
  }
  throw new Error('it was pickled, and should have been refused');
}
