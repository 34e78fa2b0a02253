import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Sum, type Tally } from './tally.ts';
import { WordCounter } from './words.ts';

/** So much of a file is in memory at a time. */
const PIECE_BYTES = 1 << 18;

/** What a worker does: counts the words of some files. A file that cannot be counted is skipped as a whole. */
export async function countFiles(paths: readonly string[]): Promise<Tally> {
  const sum = new Sum();
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (const path of paths) {
    try {
      sum.add(await countFile(path, piece));
    } catch (error) {
      sum.skipped.push({ path, why: reasonOf(error) });
    }
  }
  // The object itself would travel as an instance of its class; its numbers are enough.
  return { ...sum };
}

class NoText extends Error {}

async function countFile(path: string, piece: Buffer): Promise<Tally> {
  // Whatever has taken the place of the file since it was found, we neither follow it nor wait for it.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new NoText('not a regular file');
    const counter = new WordCounter();
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let bytes = 0;
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES);
      const read = piece.subarray(0, bytesRead);
      if (read.includes(0)) throw new NoText('binary, not text');
      counter.add(decoder.decode(read, { stream: bytesRead > 0 }));
      if (bytesRead === 0) break;
      bytes += bytesRead;
    }
    counter.end();
    return { files: 1, bytes, words: counter.total, counts: counter.counts, skipped: [] };
  } finally {
    await file.close();
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'not UTF-8';
  return error instanceof NoText || code === undefined ? message : code;
}
