import { AbortError, DeadlockError, ProcessError, TimeoutError } from '@mp/errors';
import { QueueEmptyError, QueueFullError, QueueShutDownError, TasksLostError } from '@mp/queues';
import { BrokenBarrierError, NotOwnerError, OwnerDiedError, ReleaseError } from '@mp/synchronize';
import { ManagerLostError, ManagerStateError, RemoteError } from '../errors.ts';

const OURS: readonly (abstract new (...args: never[]) => ProcessError)[] = [
  AbortError,
  BrokenBarrierError,
  DeadlockError,
  ManagerLostError,
  ManagerStateError,
  NotOwnerError,
  OwnerDiedError,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  ReleaseError,
  RemoteError,
  TasksLostError,
  TimeoutError,
];

const byName = new Map(OURS.map((Class) => [(Class.prototype as Error).name, Class]));

/**
 * An error that came from a server. From a server that may not name classes to load, errors of our own packages have
 * lost theirs and only say what they were called: they get it back, so that `instanceof` means the same everywhere.
 */
export function adoptError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ProcessError) return error;
  const Class = byName.get(error.name);
  if (Class === undefined || typeof (error as { code?: unknown }).code !== 'string') return error;
  Object.setPrototypeOf(error, Class.prototype as object);
  // It is what the class says.
  Reflect.deleteProperty(error, 'name');
  return error;
}
