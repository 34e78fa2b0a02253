import { type IncomingPickle, UnpicklingError } from '@mp/reduction';

/** How a listener begins that asks for a proof. */
const CHALLENGE = Buffer.from('#CHALLENGE#');

/** Why a message could not be decoded: perhaps it is none, but the question of a listener that was told no authkey. */
export function explainUndecodable({ bytes, start, end }: IncomingPickle, error: unknown): unknown {
  const begin = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(end - start, CHALLENGE.length));
  if (!begin.equals(CHALLENGE)) return error;
  return new UnpicklingError(
    'What came is no object: the peer asks for a proof of the authkey, and this side was given none. Give the option authkey to both sides.',
    { cause: error },
  );
}
