import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { AuthKey } from '@mp/connection';
import { familyKey } from '@mp/process/internal';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Proxies travel with the authkey of their server, so that whoever gets one can use it, also if the manager has an
 * authkey of its own. It is encrypted with the key of the family of processes, bound to the server that it is for:
 * whoever else reads the message learns nothing, and nobody can send a proxy that makes us prove a key to a stranger.
 */
export function sealKey(key: AuthKey, server: string): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(), iv);
  cipher.setAAD(Buffer.from(server, 'utf8'));
  return Buffer.concat([iv, cipher.update(key.reveal()), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined: it was sealed by another family, or is for another server. */
export function openKey(sealed: Uint8Array, server: string): AuthKey | undefined {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
  const tag = sealed.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv('aes-256-gcm', sealingKey(), sealed.subarray(0, IV_BYTES));
    decipher.setAAD(Buffer.from(server, 'utf8'));
    decipher.setAuthTag(sealed.subarray(tag));
    return new AuthKey(Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, tag)), decipher.final()]));
  } catch {
    return undefined;
  }
}

const sealingKey = (): Buffer =>
  Buffer.from(hkdfSync('sha256', familyKey(), new Uint8Array(0), '@mp/managers: keys of servers in proxies', 32));
