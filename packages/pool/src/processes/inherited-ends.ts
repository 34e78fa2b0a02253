import type { Connection } from '@mp/connection';

/**
 * The ends of connections to workers that this process has open.
 *
 * A forked worker inherits those of the workers that came before it, and with them open nobody would learn that such a
 * worker has died: so each closes all but its own. A spawned worker has none to close.
 */
const ends = new Set<Connection>();

export function holdEnd(end: Connection): void {
  ends.add(end);
}

export function closeEnd(end: Connection): void {
  ends.delete(end);
  end.close();
}

/** In a worker. */
export function closeInheritedEnds(own: Connection): void {
  for (const end of ends) if (end !== own) end.close();
  ends.clear();
}
