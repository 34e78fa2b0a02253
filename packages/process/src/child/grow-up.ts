import { Connection, LocalEnd } from '@mp/connection/internal';
import type { Assignment, Preparation, Report } from '../protocol.ts';
import { self } from '../self.ts';
import { announce } from './announce.ts';
import { becomeChild } from './become.ts';
import { FIRST_DESCRIPTORS } from './first-descriptors.ts';
import { newborn } from './newborn.ts';
import { rebuild } from './run.ts';

/** What a child knows of its order that has read the messages. */
export interface Grown {
  readonly parent: Connection<Assignment, Report>;
  readonly preparation: Preparation;
}

let grown: Grown | undefined;

/** Called when this package is loaded: in a child that has begun without it, it catches up. */
export function growUpIfNewborn(): void {
  if (newborn.stage !== 'none') growUp();
}

/** Makes a child that was given a plain order what it would have been without that. */
export function growUp(): Grown {
  grown ??= catchUp();
  return grown;
}

function catchUp(): Grown {
  const parent = new Connection<Preparation | Assignment, Report>(new LocalEnd(FIRST_DESCRIPTORS, 1));
  const preparation = parent.recvSync() as Preparation;
  becomeChild(preparation);
  newborn.isGrown = true;
  if (newborn.stage === 'running') {
    // The assignment says the same; but what it names may be something else by now.
    const { target, args } = newborn;
    self.current = rebuild({ processClass: undefined, fields: {}, target, args, kwargs: undefined }, preparation);
    self.bootstrapping = false;
    announce();
  }
  return { parent: parent as Connection<Assignment, Report>, preparation };
}
