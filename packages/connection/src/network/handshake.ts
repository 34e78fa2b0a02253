import { type AuthKey, DIGESTS, type Digest } from './authkey.ts';
import { AuthenticationError } from './errors.ts';

/**
 * CPython's mutual handshake: each side proves that it has the key, without showing it. Every line is one frame.
 *
 *     listener                                           client
 *     #CHALLENGE#{sha256}⟨40 random bytes⟩  ───────▶
 *                                           ◀───────    {sha256}⟨HMAC of what follows #CHALLENGE#⟩
 *     #WELCOME# or #FAILURE#                ───────▶
 *                                           ◀───────    #CHALLENGE#{sha256}⟨40 random bytes⟩
 *     {sha256}⟨HMAC⟩                        ───────▶
 *                                           ◀───────    #WELCOME# or #FAILURE#
 *
 * CPython 3.11 and older send 20 random bytes without a digest's name, and answer with 16 bytes, the HMAC-MD5.
 *
 * A generator, so that it can be driven from the event loop and by a blocked thread alike: it yields a message to send, or
 * undefined to be given the next one that comes.
 */
export type Handshake = Generator<Uint8Array | undefined, void, Uint8Array | undefined>;

export interface HandshakeOptions {
  readonly key: AuthKey;
  /** With which digest we ask for a proof. */
  readonly digest: Digest;
  /** Whether HMAC-MD5 is good enough, which is all that CPython 3.11 and older have. */
  readonly allowMd5: boolean;
}

/** The longest message of a handshake. */
export const HANDSHAKE_MAX_FRAME = 256;

const CHALLENGE = Buffer.from('#CHALLENGE#');
const WELCOME = Buffer.from('#WELCOME#');
const FAILURE = Buffer.from('#FAILURE#');

const RANDOM_BYTES = 40;
const SHORTEST_CHALLENGE = 20;
const MD5_BYTES = 16;
/** What is so long is of the old form, which has no name of a digest. */
const OLD_LENGTHS: readonly number[] = [20, MD5_BYTES];

export function* listenerHandshake(options: HandshakeOptions): Handshake {
  yield* deliverChallenge(options);
  yield* answerChallenge(options);
}

export function* clientHandshake(options: HandshakeOptions): Handshake {
  yield* answerChallenge(options);
  yield* deliverChallenge(options);
}

function* deliverChallenge({ key, digest, allowMd5 }: HandshakeOptions): Handshake {
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const message = Buffer.concat([Buffer.from(`{${digest}}`), randomBytes(RANDOM_BYTES)]);
  yield Buffer.concat([CHALLENGE, message]);
  const response = (yield) as Uint8Array;
  try {
    verify(key, message, response, allowMd5);
  } catch (error) {
    yield FAILURE;
    throw error;
  }
  yield WELCOME;
}

function* answerChallenge({ key, allowMd5 }: HandshakeOptions): Handshake {
  const first = Buffer.from((yield) as Uint8Array);
  if (!first.subarray(0, CHALLENGE.length).equals(CHALLENGE)) {
    throw new AuthenticationError(
      'The peer did not ask for a proof of the authkey, but sent something else. Perhaps it has no authkey: then connect without one; or it is no listener of this kind.',
    );
  }
  const message = first.subarray(CHALLENGE.length);
  if (message.length < SHORTEST_CHALLENGE) {
    throw new AuthenticationError(`The challenge of the peer is too short to prove anything: ${message.length} bytes.`);
  }
  const named = digestOf(message).digest;
  const digest = named ?? 'md5';
  if (digest === 'md5' && !allowMd5) throw md5Refused();
  const proof = key.sign(message, digest);
  yield named === undefined ? proof : Buffer.concat([Buffer.from(`{${digest}}`), proof]);
  const verdict = Buffer.from((yield) as Uint8Array);
  if (!verdict.equals(WELCOME)) {
    throw new AuthenticationError('The peer rejected our proof: it has a different authkey.');
  }
}

function verify(key: AuthKey, message: Uint8Array, response: Uint8Array, allowMd5: boolean): void {
  const { digest = 'md5', payload } = digestOf(Buffer.from(response));
  if (digest === 'md5' && !allowMd5) throw md5Refused();
  const expected = key.sign(message, digest);
  if (expected.length !== payload.length) {
    throw new AuthenticationError(
      `The proof of the peer has ${payload.length} bytes, and one by ${digest} has ${expected.length}.`,
    );
  }
  if (!process.getBuiltinModule('node:crypto').timingSafeEqual(expected, payload)) {
    throw new AuthenticationError('The proof of the peer is wrong: it has a different authkey.');
  }
}

/** The name of the digest in front of a message, and the rest. Messages of the old form have none. */
function digestOf(message: Buffer): { readonly digest?: Digest; readonly payload: Buffer } {
  if (OLD_LENGTHS.includes(message.length)) return { payload: message };
  const name = /^\{([a-z0-9_]{3,8})\}/.exec(message.toString('latin1', 0, 10))?.[1];
  if (name === undefined || !Object.hasOwn(DIGESTS, name)) {
    throw new AuthenticationError(
      `The peer's message of ${message.length} bytes names no digest that is supported (${Object.keys(DIGESTS).join(', ')}).`,
    );
  }
  return { digest: name as Digest, payload: message.subarray(name.length + 2) };
}

const md5Refused = (): AuthenticationError =>
  new AuthenticationError(
    "The peer wants to prove the authkey by HMAC-MD5, as CPython 3.11 and older do. Give the option `allowMd5: true` (to a manager: `serializer: 'python'`) if that is good enough, or use CPython 3.12 or newer.",
  );
