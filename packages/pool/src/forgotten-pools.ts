import type { Dispatcher } from './dispatcher.ts';

interface Forgotten {
  readonly dispatcher: Dispatcher;
  readonly creator: number;
}

const forgotten = new FinalizationRegistry<Forgotten>(({ dispatcher, creator }) => {
  // What a forked child has of a pool is a copy, whose workers are its parent's.
  if (creator !== process.pid) return;
  process.emitWarning(
    'A pool was never closed, and nobody has it any more. Its workers end now; close() and join() it, or terminate() it, when it is not needed any more.',
    'ResourceWarning',
  );
  dispatcher.close();
});

/** A pool that is collected as garbage while it runs finishes what it has, and ends its workers, with a warning. */
export function watchForgotten(pool: object, dispatcher: Dispatcher): void {
  forgotten.register(pool, { dispatcher, creator: process.pid }, dispatcher);
}

/** It was closed or terminated. */
export function notForgotten(dispatcher: Dispatcher): void {
  forgotten.unregister(dispatcher);
}
