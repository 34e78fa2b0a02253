import { inspect } from 'node:util';
import { register } from '@mp/reduction';

/** The digests of CPython's handshake, by the names that they have there. */
export const DIGESTS = {
  sha256: 'sha256',
  sha384: 'sha384',
  sha3_256: 'sha3-256',
  sha3_384: 'sha3-384',
  md5: 'md5',
} as const;
export type Digest = keyof typeof DIGESTS;

const RANDOM_BYTES = 32;

/**
 * The secret that both sides of a connection over the network have: whoever proves to know it is let in.
 *
 * It is never printed, turned to JSON or pickled by accident: all of these give a placeholder or an error. The bytes
 * come out by {@link reveal} only.
 *
 * Python: `multiprocessing.process.AuthenticationString`.
 *
 * @example
 * ```ts
 * const key = AuthKey.random();
 * const listener = new Listener(['127.0.0.1', 0], { authkey: key });
 * ```
 */
export class AuthKey {
  readonly #bytes: Buffer;

  /**
   * @param key - the secret, copied; of a text the bytes of its UTF-8
   * @throws TypeError for anything else; the value is not in the message
   */
  constructor(key: Uint8Array | string) {
    if (typeof key !== 'string' && !(key instanceof Uint8Array)) {
      throw Object.assign(
        new TypeError(`authkey must be bytes (Uint8Array), a text or an AuthKey, not ${typeof key}.`),
        {
          code: 'ERR_INVALID_ARG_TYPE',
        },
      );
    }
    this.#bytes = typeof key === 'string' ? Buffer.from(key, 'utf8') : Buffer.from(key);
  }

  /** A key that nobody can guess. */
  static random(): AuthKey {
    return new AuthKey(process.getBuiltinModule('node:crypto').randomBytes(RANDOM_BYTES));
  }

  /** The key of an option. */
  static from(key: AuthKey | Uint8Array | string): AuthKey {
    return key instanceof AuthKey ? key : new AuthKey(key);
  }

  /** Whether it has no bytes: a key that everybody knows. */
  get empty(): boolean {
    return this.#bytes.length === 0;
  }

  /** A copy of the secret. */
  reveal(): Uint8Array {
    return new Uint8Array(this.#bytes);
  }

  /** @internal The proof that one has the key. */
  sign(message: Uint8Array, digest: Digest): Buffer {
    const { createHmac } = process.getBuiltinModule('node:crypto');
    return createHmac(DIGESTS[digest], this.#bytes).update(message).digest();
  }

  toString(): string {
    return '<AuthKey>';
  }

  toJSON(): string {
    return '<AuthKey>';
  }

  [inspect.custom](): string {
    return '<AuthKey>';
  }
}

register(AuthKey, {
  name: '@mp/connection.AuthKey',
  reduce(): never {
    throw new Error(
      'an authkey does not travel: whoever reads the message could use it. If you mean it, send reveal() over a connection that you trust',
    );
  },
  rebuild(): never {
    throw new Error('an authkey does not travel');
  },
});
