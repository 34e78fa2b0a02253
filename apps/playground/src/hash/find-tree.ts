import { type Skipped, walk } from '../files/walk.ts';

/** The files of a folder, and what of it cannot be read. */
export interface Tree {
  /** By their bytes, as `LC_ALL=C sort` does it. */
  readonly paths: readonly BytePath[];
  readonly skipped: readonly Skipped[];
}

/** A path, each character of which is one byte of it: the name of a file need not be text. */
export type BytePath = string;

export const bytesOf = (path: BytePath): Buffer => Buffer.from(path, 'latin1');

/** As people read it. */
export const textOf = (path: BytePath): string => bytesOf(path).toString();

/**
 * Finds every regular file of a folder and the folders in it, as `find FOLDER -type f` does it.
 *
 * @throws the error of the system if the folder itself cannot be read
 */
export async function findTree(folder: string): Promise<Tree> {
  const paths: BytePath[] = [];
  const skipped: Skipped[] = [];
  for await (const met of walk(Buffer.from(folder).toString('latin1'), { encoding: 'latin1' })) {
    if ('why' in met) skipped.push({ path: textOf(met.path), why: met.why });
    else if (met.entry.isFile()) paths.push(met.path);
  }
  return { paths: paths.sort(), skipped };
}
