import type { Client } from './client.ts';

/** One call of a client, while it is under way in the server. */
export class Call {
  /** Who calls. */
  readonly client: Client;
  #controller: AbortController | undefined;
  #reason: unknown;
  #over = false;

  constructor(client: Client) {
    this.client = client;
  }

  /** Aborts when the caller waits no longer: by its signal or time-out, or because it has ended. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#over) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Nobody waits any more. */
  abort(reason: unknown): void {
    this.#over = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

let current: Call | undefined;

/** Runs `fn`, up to its first `await`, as part of a call. */
export function duringCall<T>(call: Call, fn: () => T): T {
  const outer = current;
  current = call;
  try {
    return fn();
  } finally {
    current = outer;
  }
}

/**
 * The call of a client that the running method of a managed object belongs to: who calls, and a signal that tells when
 * nobody waits for the result any more. To be asked before the first `await` of the method.
 *
 * @throws Error if no client is calling
 *
 * Python has no counterpart.
 *
 * @example
 * ```ts
 * export class Downloads {
 *   async fetch(url: string): Promise<string> {
 *     const { signal } = currentCall();
 *     return (await fetch(url, { signal })).text();
 *   }
 * }
 * ```
 */
export function currentCall(): Call {
  if (current === undefined) {
    throw new Error(
      'currentCall: no client of a manager is calling. Ask at the beginning of a method, before its first await.',
    );
  }
  return current;
}
