import { TimeoutError } from '@mp/errors';
import { CANCEL, NOT_DECODED, type Notice, RETURNED, type Request, type Response } from '../protocol.ts';
import { adoptError } from './adopt-error.ts';
import { inCall } from './path-in-call.ts';
import type { Wire } from './wire.ts';

/** How long the server may take to say what became of a call that is given up. */
const GRACE_MS = 1_000;

/** The blocking calls of one thread to one server: one at a time, on a connection of their own. */
export class SyncChannel {
  readonly #wire: Wire;
  #last = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /**
   * When the time is over the server is told, and its answer is waited for a little longer: the call may have succeeded
   * meanwhile, and its result must not be lost.
   */
  call(request: (number: number) => Request, what: string, timeout: number | undefined): unknown {
    const number = ++this.#last;
    const wire = this.#wire;
    let end = performance.now() + (timeout ?? Number.POSITIVE_INFINITY);
    let failure: TimeoutError | undefined;
    try {
      wire.sendSync(request(number));
    } catch (error) {
      throw inCall(error);
    }
    for (;;) {
      const response = receive(wire, end);
      if (response === undefined) {
        if (failure !== undefined) throw failure;
        failure = new TimeoutError(`${what}: no answer within ${timeout} ms.`, { timeout: timeout ?? 0 });
        this.post([0, CANCEL, number]);
        end = performance.now() + GRACE_MS;
        continue;
      }
      const [answered, kind, value] = response;
      if (kind === NOT_DECODED) throw value;
      // Of a call that was given up earlier.
      if (answered !== number) continue;
      if (kind === RETURNED) return value;
      throw failure ?? adoptError(value);
    }
  }

  post(notice: Notice): void {
    this.#wire.sendSync(notice);
  }

  close(): void {
    this.#wire.close();
  }
}

/** Undefined: the time is over. */
function receive(wire: Wire, end: number): Response | undefined {
  try {
    return end === Number.POSITIVE_INFINITY ? wire.recvSync() : wire.recvSync({ timeout: end - performance.now() });
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}
