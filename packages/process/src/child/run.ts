import type { Connection } from '@mp/connection';
import { ModuleNotLoadedError, UnpicklingError } from '@mp/reduction';
import { BootstrappingError } from '../errors.ts';
import { type OurIdentity, STANDS_FOR_US } from '../our-identity.ts';
import { Process } from '../process.ts';
import type { Assignment, Report } from '../protocol.ts';
import { self } from '../self.ts';
import { announce } from './announce.ts';
import { watchForEmptyLoop } from './empty-loop.ts';
import { endOnUncaughtErrors, endWithError } from './uncaught.ts';
import { tellUnfinished } from './unfinished.ts';

/** Reads the assignment, which imports the modules that it names, and carries it out. */
export async function runAssignment(parent: Connection<Assignment, Report>, us: OurIdentity): Promise<void> {
  endOnUncaughtErrors(parent);
  const finished = watchForEmptyLoop(() =>
    tellUnfinished(
      self.bootstrapping ? 'the top-level await of a module that it imports' : 'the promise of its target',
      parent,
    ),
  );
  try {
    self.current = rebuild(await receive(parent), us);
    self.bootstrapping = false;
    announce();
    await self.current.run();
    finished();
  } catch (error) {
    endWithError(reasonOf(error), parent);
  }
}

/** Who starts processes while they are imported is told so, and not that a message needs a module. */
function reasonOf(error: unknown): unknown {
  const cause = error instanceof UnpicklingError ? error.cause : undefined;
  return cause instanceof BootstrappingError ? cause : error;
}

/** Modules are loaded synchronously where Node can: that is quicker, and the usual case. */
export async function receive(parent: Connection<Assignment, Report>): Promise<Assignment> {
  try {
    return parent.recvSync();
  } catch (error) {
    if (error instanceof ModuleNotLoadedError) return parent.recv();
    throw error;
  }
}

/** The user's object as it was in the parent. The constructor of the user's class is not called. */
export function rebuild({ processClass, fields, target, args, kwargs }: Assignment, us: OurIdentity): Process {
  const ours = self.current?.constructor ?? Process;
  const options = { target, args, kwargs, [STANDS_FOR_US]: us };
  return Object.assign(Reflect.construct(Process, [options], processClass ?? ours) as Process, fields);
}
