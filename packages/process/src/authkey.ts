import { closeSync, openSync, readSync } from 'node:fs';
import { self } from './self.ts';

const KEY_BYTES = 32;

/** The key of this family of processes; made at random by the first who asks. */
export function familyKey(): Uint8Array {
  self.authkey ??= randomBytes(KEY_BYTES);
  return self.authkey;
}

/** This thread belongs to the family of the one that has started it. */
export function joinFamily(key: Uint8Array): void {
  self.authkey = key;
}

/** From the kernel directly: importing node:crypto would double the time that a child needs to start. */
function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  const file = openSync('/dev/urandom', 'r');
  try {
    readSync(file, bytes);
  } finally {
    closeSync(file);
  }
  return bytes;
}
