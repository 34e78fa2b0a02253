import type { StartMethod } from '@mp/context';
import { StartError } from '../errors.ts';
import { refuseForkSync } from './fork.ts';
import type { Launcher } from './launcher.ts';
import { launchSpawn } from './spawn.ts';

const LAUNCHERS: Partial<Record<StartMethod, Launcher>> = { spawn: launchSpawn, fork: refuseForkSync };

export function launcherOf(method: StartMethod): Launcher {
  const launcher = LAUNCHERS[method];
  if (launcher === undefined) throw new StartError(`Processes cannot be started by ${method} yet.`);
  return launcher;
}
