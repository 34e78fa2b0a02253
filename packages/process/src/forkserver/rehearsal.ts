import type { Connection } from '@mp/connection/internal';
import { becomeChild } from '../child/become.ts';
import { rebuild, receive } from '../child/run.ts';
import type { Assignment, Preparation, Report } from '../protocol.ts';
import { self } from '../self.ts';
import { takeOverEnvironment } from './child.ts';
import type { Setup } from './protocol.ts';

const OFTEN = 500;

/**
 * A fork server goes once through what its children do before they come to their target, up to the call of it, with an
 * order that came with its setup. What is looked for, loaded and made ready by the first who does it is there for all
 * children then. (Not the watchdog: nobody is at the other end any more.)
 *
 * What V8 is about to optimize it optimizes here, and not in threads of each child.
 */
export async function rehearse({ rehearsal }: Pick<Setup, 'rehearsal'>): Promise<void> {
  const before = { ...self };
  try {
    const preparation = rehearsal.recvSync() as Preparation;
    becomeChild(preparation);
    takeOverEnvironment({ ...process.env });
    process.chdir(process.cwd());
    rebuild(await receive(rehearsal as Connection<Assignment, Report>), preparation);
    makePathsHot();
  } finally {
    rehearsal.close();
    Object.assign(self, before);
  }
}

/** Node goes through so many paths when it starts that these are nearly hot; loading a module does the rest. */
function makePathsHot(): void {
  const { normalize } = process.getBuiltinModule('node:path');
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  for (let i = 0; i < OFTEN; i++) normalize(fileURLToPath(import.meta.url));
}
