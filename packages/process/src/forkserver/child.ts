/**
 * What a child of a fork server does: what a spawned one does, in a process that is there already.
 *
 * Its parent is not the process that forked it but the one that asked for it: that is whose watchdog it has, and whose
 * working directory and environment.
 */

import type { Connection } from '@mp/connection/internal';
import { endWithParent, setParentDeathSignal } from '@mp/native';
import { becomeChild } from '../child/become.ts';
import { runAssignment } from '../child/run.ts';
import { endWithError } from '../child/uncaught.ts';
import type { Assignment, Preparation, Report } from '../protocol.ts';
import type { StartRequest } from './protocol.ts';

export function runRequested({ end, env, cwd }: StartRequest): void {
  endWithParent(end.fileno());
  // Not with the server: whoever asked goes on, and so do we.
  setParentDeathSignal(0);
  const preparation = end.recvSync() as Preparation;
  becomeChild(preparation);
  takeOverEnvironment(env);
  try {
    process.chdir(cwd);
  } catch (error) {
    endWithError(error, end);
    return;
  }
  void runAssignment(end as Connection<Assignment, Report>, preparation);
}

/** Makes the environment of this process that one. */
export function takeOverEnvironment(env: StartRequest['env']): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (process.env[name] !== value) process.env[name] = value;
}
