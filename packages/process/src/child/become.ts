import { setStartMethod } from '@mp/context';
import { ForkServerProcess } from '../forkserver-process.ts';
import { takeOverLogSettings } from '../logging.ts';
import { STANDS_FOR_US } from '../our-identity.ts';
import { ParentProcess } from '../parent-process.ts';
import type { Preparation } from '../protocol.ts';
import { self } from '../self.ts';
import { SpawnProcess } from '../spawn-process.ts';
import { newborn } from './newborn.ts';

/** Takes over from the parent what a child has in common with it. */
export function becomeChild(preparation: Preparation): void {
  const { name, identity, daemon, startMethod, argv, authkey, logging, parent } = preparation;
  takeOverLogSettings(logging);
  self.identity = identity;
  self.authkey = authkey;
  self.parent = new ParentProcess(parent);
  self.bootstrapping = true;
  // Stands in until the object arrives, which needs modules that may ask who we are.
  const ProcessClass = startMethod === 'forkserver' ? ForkServerProcess : SpawnProcess;
  self.current = new ProcessClass({ [STANDS_FOR_US]: { name, identity, daemon } } as object);
  // A child with a plain order has had these from the beginning, and the user's code may have changed them.
  if (newborn.stage !== 'none') return;
  process.argv.splice(1, process.argv.length, ...argv);
  setStartMethod(startMethod, { force: true });
}
