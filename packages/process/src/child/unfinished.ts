import type { Connection } from '@mp/connection';
import { ProcessStateError } from '../errors.ts';
import type { Report } from '../protocol.ts';
import { self } from '../self.ts';
import { tell } from './uncaught.ts';

/**
 * Watches that the child comes to its end before its event loop is empty. If it does not, it awaits what nobody is left
 * to bring about: that is an error and not a success, and Node would only speak of a top-level await of ours.
 *
 * @param awaited - what is awaited, when it comes to that
 * @returns how to say that the child has come to its end
 */
export function watchForEmptyLoop(parent: Connection<unknown, Report>, awaited: () => string): () => void {
  let empty = false;
  const onEmpty = (): void => {
    empty = true;
    // Somebody else who listens may begin something; then the loop goes on. (A fork needs a turn to find out.)
    const goesOn = (): void => {
      empty = false;
    };
    setImmediate(() => setImmediate(goesOn).unref()).unref();
  };
  const onExit = (): void => {
    if (!empty) return;
    tell(neverSettled(awaited()), parent);
    process.exitCode = 1;
  };
  process.on('beforeExit', onEmpty);
  process.on('exit', onExit);
  return () => {
    process.off('beforeExit', onEmpty);
    process.off('exit', onExit);
  };
}

const neverSettled = (awaited: string): ProcessStateError =>
  new ProcessStateError(
    `${self.current?.name} ended too early: ${awaited} is not settled, and nothing is left in the child that could settle it. ` +
      'See that every promise is resolved or rejected, and that what it waits for keeps the event loop alive (no unref()).',
  );
