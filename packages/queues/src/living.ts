import { atFork } from '@mp/native';

/** What this module needs of a queue object. */
export interface Living {
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
    for (const reference of living) reference.deref()?.flush();
  });
}

atFork({
  child: () => {
    for (const reference of living) reference.deref()?.forked();
  },
});
