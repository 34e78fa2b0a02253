import { ClosedError } from '@mp/errors';
import { ManagerStateError } from './errors.ts';

/** What a manager is at the moment. */
export type ManagerState = 'initial' | 'starting' | 'started' | 'connected' | 'serving' | 'shut down';

const ADVICE: Readonly<Record<Exclude<ManagerState, 'shut down'>, string>> = {
  initial: 'this manager has no server yet. Call start() or connect() first.',
  starting: 'this manager is being started. Await start() first.',
  started: 'this manager was started already.',
  connected: 'this manager is connected already.',
  serving: 'this manager is its own server. Connect another one to its address.',
};

/** @throws ClosedError, ManagerStateError with what to do, if a method is not possible in a state */
export function assertState(state: ManagerState, method: string, allowed: readonly ManagerState[]): void {
  if (allowed.includes(state)) return;
  if (state === 'shut down') throw new ClosedError(`${method}: this manager was shut down.`);
  throw new ManagerStateError(`${method}: ${ADVICE[state]}`);
}
