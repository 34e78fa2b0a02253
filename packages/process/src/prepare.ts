import type { StartMethod } from '@mp/context';
import { processStartTime } from '@mp/native';
import { familyKey } from './authkey.ts';
import { BootstrappingError, ProcessStateError } from './errors.ts';
import { logSettings } from './logging.ts';
import type { Preparation } from './protocol.ts';
import { self } from './self.ts';

/** @throws BootstrappingError, or ProcessStateError in a daemonic process */
export function assertMayHaveChildren(): void {
  // First: that a guard is missing is the reason for whatever else is wrong, and the only one that helps.
  if (self.bootstrapping) throw new BootstrappingError();
  if (self.current?.daemon && !self.mayHaveChildren)
    throw new ProcessStateError(
      `${self.current.name} is daemonic, and daemonic processes cannot have children: nobody would wait for them.`,
    );
}

/** What a child is to know of itself and of us. */
export const prepare = (
  name: string,
  identity: readonly number[],
  daemon: boolean,
  startMethod: StartMethod,
): Preparation => ({
  name,
  identity,
  daemon,
  startMethod,
  argv: process.argv.slice(1),
  authkey: familyKey(),
  logging: logSettings(),
  parent: {
    pid: process.pid,
    name: self.current?.name ?? 'MainProcess',
    startTime: processStartTime(process.pid) as bigint,
  },
});
