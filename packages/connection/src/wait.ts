import { DeadlockError } from '@mp/errors';
import { Deadline, type WaitOptions, waitWithin } from '@mp/native';
import { abortError } from './attempt.ts';
import { DescriptorReadiness } from './descriptor-readiness.ts';
import { type Readiness, sleepUntilOneIsReady, type Waitable, waitable } from './waitable.ts';

/**
 * Waits until something can be received from at least one of the objects, or never will be: a connection has a message
 * or has reached its end, a process has ended, a descriptor is readable.
 *
 * Nothing is taken from the objects. Giving one twice does no harm.
 *
 * @param objects - connections, processes and whatever else is {@link Waitable}; and descriptors: a `sentinel`, a socket
 * @param options - `timeout` in milliseconds, default for ever; `signal`
 * @returns those that are ready, in the order of `objects`; none if the time is over
 * @throws AbortError if the signal ends the wait; TypeError `ERR_INVALID_ARG_VALUE` if there are no objects, and neither a
 * time-out nor a signal: nothing could ever end it
 *
 * Python: `multiprocessing.connection.wait`, which refuses objects given twice, and waits for ever for none of them.
 *
 * @example
 * ```ts
 * for (const connection of await wait(connections, { timeout: 1000 })) console.log(connection.recvSync());
 * ```
 */
export async function wait<T extends Waitable | number>(objects: Iterable<T>, options?: WaitOptions): Promise<T[]> {
  const watched = watch(objects);
  if (options?.signal?.aborted) throw abortError(PURPOSE, options.signal);
  const ready = readyAmong(watched);
  const deadline = Deadline.after(options?.timeout);
  if (ready.length > 0 || deadline.expired) return ready;
  if (options?.signal === undefined) refuseNothing(watched, deadline);
  return waitWithin<T[]>(options, {
    what: 'wait: waiting for one of the objects',
    begin: (resolve, reject) => {
      const ends: (() => void)[] = [];
      const end = (): void => {
        for (const unsubscribe of ends.splice(0)) unsubscribe();
      };
      const look = (): void => {
        try {
          const ready = readyAmong(watched);
          if (ready.length > 0) resolve(ready);
        } catch (error) {
          reject(error);
        }
      };
      try {
        for (const { readiness } of watched) ends.push(readiness.subscribe(look));
      } catch (error) {
        reject(error);
      }
      look();
      return end;
    },
    late: () => readyAmong(watched),
  });
}

/**
 * {@link wait}, blocking the thread.
 *
 * @throws DeadlockError if it would block for ever, because only this thread could make one of the objects ready
 *
 * @example
 * ```ts
 * const ready = waitSync([connection, process], { timeout: 1000 }); // []: nothing within a second
 * ```
 */
export function waitSync<T extends Waitable | number>(
  objects: Iterable<T>,
  options?: { readonly timeout?: number | undefined },
): T[] {
  const watched = watch(objects);
  const deadline = Deadline.after(options?.timeout);
  for (;;) {
    const ready = readyAmong(watched);
    if (ready.length > 0 || deadline.expired) return ready;
    refuseNothing(watched, deadline);
    if (deadline.remaining() === Number.POSITIVE_INFINITY) refuseDeadlock(watched);
    sleepUntilOneIsReady(
      watched.map(({ readiness }) => readiness),
      deadline.remaining(),
    );
  }
}

/** Such a promise would be settled by nobody, and a program that awaits it ends in the midst of it. */
function refuseNothing(watched: readonly unknown[], deadline: Deadline): void {
  if (watched.length > 0 || deadline.remaining() !== Number.POSITIVE_INFINITY) return;
  throw Object.assign(
    new TypeError(
      'wait: there are no objects to wait for, and no time-out, so it would wait for ever. Wait only as long as there are some left, or give a time-out.',
    ),
    { code: 'ERR_INVALID_ARG_VALUE' },
  );
}

function refuseDeadlock(watched: readonly Watched<unknown>[]): void {
  if (!watched.every(({ readiness }) => readiness.onlyOurselves?.() === true)) return;
  if (watched.filter(({ readiness }) => readiness.giveUp?.() === true).length > 0) return;
  throw new DeadlockError(
    'waitSync would wait for ever: the other ends of these pipes are held by this thread alone, which the call blocks. Use the promise form, or a time-out, or give the other ends to a process first.',
  );
}

interface Watched<T> {
  readonly object: T;
  readonly readiness: Readiness;
}

const PURPOSE = { method: 'wait', awaited: 'one of the objects' };

function watch<T extends Waitable | number>(objects: Iterable<T>): Watched<T>[] {
  return Array.from(objects, (object) => ({ object, readiness: readinessOf(object) }));
}

function readinessOf(object: Waitable | number): Readiness {
  if (typeof object === 'number') return new DescriptorReadiness(object);
  const readiness = (object as Partial<Waitable> | null | undefined)?.[waitable];
  if (readiness !== undefined) return readiness;
  throw Object.assign(
    new TypeError(`wait: ${String(object)} is neither a connection, nor a process, nor the number of a descriptor.`),
    { code: 'ERR_INVALID_ARG_TYPE' },
  );
}

const readyAmong = <T>(watched: readonly Watched<T>[]): T[] =>
  watched.filter(({ readiness }) => readiness.isReady()).map(({ object }) => object);
