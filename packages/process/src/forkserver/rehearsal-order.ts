import { Pipe } from '@mp/connection/internal';
import { prepare } from '../prepare.ts';
import type { Assignment, Preparation, Report } from '../protocol.ts';
import type { Setup } from './protocol.ts';
import { standIn } from './stand-in.ts';

/** An order as any other, for a target of ours: what a fork server rehearses. The end is to be closed when it is sent. */
export function orderRehearsal(): Setup['rehearsal'] {
  const [ours, theirs] = Pipe<Report, Preparation | Assignment>();
  try {
    ours.sendSync(prepare('rehearsal', [0], false, 'forkserver'));
    ours.sendSync({ processClass: undefined, fields: {}, target: standIn, args: [], kwargs: undefined });
    return theirs;
  } catch (error) {
    theirs.close();
    throw error;
  } finally {
    ours.close();
  }
}
