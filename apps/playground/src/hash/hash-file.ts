import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type BytePath, bytesOf } from './find-tree.ts';

/** What a file is known by. */
export interface Digest {
  /** SHA-256, in hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** So much of a file is in memory at a time. */
const piece = Buffer.allocUnsafe(1 << 18);

/**
 * What a worker does: reads a file and computes its SHA-256.
 *
 * @throws the error of the system if it cannot be read, or is gone
 */
export function hashFile(path: BytePath): Digest {
  // Whatever has taken the place of the file since it was found, we neither follow it nor wait for it.
  const file = openSync(bytesOf(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) throw new Error('not a regular file');
    const hash = createHash('sha256');
    let bytes = 0;
    for (;;) {
      const read = readSync(file, piece);
      if (read === 0) return { sha256: hash.digest('hex'), bytes };
      hash.update(piece.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(file);
  }
}
