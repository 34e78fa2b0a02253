/**
 * The checksums of all files of a folder, in the order of their names, whoever computes them.
 *
 * From: here (the job `npm start -- hash`, small)
 * Look at: ../hash/hash.ts. Workers are never further ahead of what was printed than a bound, and a file that cannot be read
 *   is an error at its place in the `imap`; the next one follows.
 *
 * Prints:
 *     ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a/b/c
 *     cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0  a/million
 *     e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  nothing
 *     3 files of 1000003 bytes, 0 without a sum
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainModule } from '@mp/multiprocessing';
import { hashFolder } from '../hash/hash.ts';

if (isMainModule(import.meta)) {
  const folder = await mkdtemp(join(tmpdir(), 'sums-'));
  try {
    await mkdir(join(folder, 'a/b'), { recursive: true });
    await writeFile(join(folder, 'nothing'), '');
    await writeFile(join(folder, 'a/b/c'), 'abc');
    await writeFile(join(folder, 'a/million'), 'a'.repeat(1_000_000));

    const print = async (lines: Buffer): Promise<void> => {
      process.stdout.write(lines.toString().replaceAll(`${folder}/`, ''));
    };
    const { files, bytes, failures } = await hashFolder(folder, { workers: 2, print });
    console.log(`${files} files of ${bytes} bytes, ${failures.length} without a sum`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
