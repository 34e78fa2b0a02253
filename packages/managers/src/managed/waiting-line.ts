import { Deadline, type WaitOptions, waitWithin } from '@mp/native';
import { currentCall } from '../server/call.ts';
import type { Client } from '../server/client.ts';

/** The time is over. */
export const LATE: unique symbol = Symbol('late');

/** Gives a client what it waited for. */
type Grant<T> = (client: Client) => T;

interface Waiter<T> {
  readonly grant: () => T;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Clients that wait in the server for the same thing, first come first served. Who gives up, or dies, leaves the line. */
export class WaitingLine<T> {
  readonly #waiters = new Set<Waiter<T>>();

  get length(): number {
    return this.#waiters.size;
  }

  /**
   * The client that is calling waits until it is served. To be called before the first `await` of the method.
   *
   * @param grant - what it gets when it is its turn
   * @throws AbortError when it gives up, or dies
   */
  wait(what: string, options: WaitOptions | undefined, grant: Grant<T>): Promise<T | typeof LATE> | typeof LATE {
    const call = currentCall();
    if (Deadline.after(options?.timeout).expired) return LATE;
    return waitWithin<T | typeof LATE>(
      { timeout: options?.timeout, signal: options?.signal ?? call.signal },
      {
        what,
        begin: (resolve, reject) => this.#add({ grant: () => grant(call.client), resolve, reject }),
        late: () => LATE,
      },
    );
  }

  /** A client waits as long as it lives. */
  waitForLife(client: Client, grant: Grant<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (): void => {
        leave();
        forget();
      };
      const leave = this.#add({
        grant: () => grant(client),
        resolve: (value) => {
          end();
          resolve(value);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      });
      const forget = client.onEnd(() => {
        end();
        reject(new Error('The client has ended.'));
      });
    });
  }

  /** The first one gets what it waits for. False: nobody waits. */
  serve(): boolean {
    const [first] = this.#waiters;
    if (first === undefined) return false;
    this.#waiters.delete(first);
    first.resolve(first.grant());
    return true;
  }

  /** Everybody who waits now. */
  serveAll(): void {
    for (let count = this.#waiters.size; count > 0; count--) this.serve();
  }

  failAll(error: unknown): void {
    for (const waiter of [...this.#waiters]) {
      this.#waiters.delete(waiter);
      waiter.reject(error);
    }
  }

  #add(waiter: Waiter<T>): () => void {
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }
}
