import type { Connection } from '@mp/connection';
import { ProcessStateError } from '../errors.ts';
import type { Report } from '../protocol.ts';
import { self } from '../self.ts';
import { tell } from './uncaught.ts';

/** Says that a child has ended too early. @param awaited - what it awaited */
export function tellUnfinished(awaited: string, parent: Connection<unknown, Report>): void {
  tell(neverSettled(awaited), parent);
}

const neverSettled = (awaited: string): ProcessStateError =>
  new ProcessStateError(
    `${self.current?.name} ended too early: ${awaited} is not settled, and nothing is left in the child that could settle it. ` +
      'See that every promise is resolved or rejected, and that what it waits for keeps the event loop alive (no unref()).',
  );
