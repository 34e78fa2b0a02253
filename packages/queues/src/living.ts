import { atFork } from '@mp/native';

/** What this module needs of a queue object. */
export interface Living {
  /** This process is about to be forked: the child has the object, too. */
  beforeFork(): void;
  /** It was not forked after all. */
  notForked(): void;
  /** This process was forked from the one that had the object. */
  forked(): void;
  /** The process ends: puts what waits only because another process was interrupted in the middle of something. */
  flush(): void;
}

/** The queue objects of this thread. */
const living = new Set<WeakRef<Living>>();
const references = new WeakMap<Living, WeakRef<Living>>();
const collected = new FinalizationRegistry<WeakRef<Living>>((reference) => void living.delete(reference));
let flushesAtExit = false;

const forAll = (act: (object: Living) => void): void => {
  for (const reference of living) {
    const object = reference.deref();
    if (object !== undefined) act(object);
  }
};

export function enter(object: Living): void {
  const reference = new WeakRef(object);
  living.add(reference);
  references.set(object, reference);
  collected.register(object, reference, object);
}

export function leave(object: Living): void {
  living.delete(references.get(object)!);
  collected.unregister(object);
}

/** Something waits to be put. */
export function flushAtExit(): void {
  if (flushesAtExit) return;
  flushesAtExit = true;
  process.on('exit', () => {
    forAll((object) => object.flush());
  });
}

atFork({
  // Before, and not in the child: the parent may ask who has the queue before the child gets there.
  prepare: () => forAll((object) => object.beforeFork()),
  parent: (forked) => {
    if (forked === false) forAll((object) => object.notForked());
  },
  child: () => forAll((object) => object.forked()),
});
