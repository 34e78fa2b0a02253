import type { StartMethod } from '@mp/context';
import { forkLauncher } from './fork.ts';
import { forkserverLauncher } from './forkserver.ts';
import type { Launcher } from './launcher.ts';
import { spawnLauncher } from './spawn.ts';

const LAUNCHERS: Readonly<Record<StartMethod, Launcher>> = {
  spawn: spawnLauncher,
  fork: forkLauncher,
  forkserver: forkserverLauncher,
};

export const launcherOf = (method: StartMethod): Launcher => LAUNCHERS[method];
