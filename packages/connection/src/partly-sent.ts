import { AbortError, TimeoutError } from '@mp/errors';
import { PartlySentError } from './errors.ts';
import type { HeldMessage } from './transport.ts';

/** Why a message was not sent; if part of it was, that is said instead of «try again». */
export function whyNotSent(error: unknown, held: HeldMessage | false): unknown {
  if (held === false || !held.begun) return error;
  if (!(error instanceof TimeoutError || error instanceof AbortError)) return error;
  return new PartlySentError(
    'send: the wait is over, and part of the message was handed to the network already. It cannot be taken back: the rest follows as soon as the peer reads, before anything else that is sent. Do not send it again.',
    { cause: error },
  );
}
