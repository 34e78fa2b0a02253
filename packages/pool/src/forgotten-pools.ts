import type { Dispatcher } from './dispatcher.ts';

const forgotten = new FinalizationRegistry<Dispatcher>((dispatcher) => {
  process.emitWarning(
    'A pool was never closed, and nobody has it any more. Its workers end now; close() and join() it, or terminate() it, when it is not needed any more.',
    'ResourceWarning',
  );
  dispatcher.close();
});

/** A pool that is collected as garbage while it runs finishes what it has, and ends its workers, with a warning. */
export function watchForgotten(pool: object, dispatcher: Dispatcher): void {
  forgotten.register(pool, dispatcher, dispatcher);
}

/** It was closed or terminated. */
export function notForgotten(dispatcher: Dispatcher): void {
  forgotten.unregister(dispatcher);
}
