import type { Connection } from '@mp/connection/internal';
import { becomeChild } from '../child/become.ts';
import { rebuild, receive } from '../child/run.ts';
import type { Assignment, Preparation, Report } from '../protocol.ts';
import { self } from '../self.ts';
import { takeOverEnvironment } from './child.ts';
import type { Setup } from './protocol.ts';

/**
 * A fork server goes once through what its children do before they come to their target, up to the call of it, with an
 * order that came with its setup. What is looked for, loaded and made ready by the first who does it is there for all
 * children then. (Not the watchdog: nobody is at the other end any more.)
 */
export async function rehearse({ rehearsal }: Pick<Setup, 'rehearsal'>): Promise<void> {
  const before = { ...self };
  try {
    const preparation = rehearsal.recvSync() as Preparation;
    becomeChild(preparation);
    takeOverEnvironment({ ...process.env });
    process.chdir(process.cwd());
    rebuild(await receive(rehearsal as Connection<Assignment, Report>), preparation);
  } finally {
    rehearsal.close();
    Object.assign(self, before);
  }
}
