import { lstat } from 'node:fs/promises';
import { type Skipped, walk } from '../files/walk.ts';

/** A file to be counted. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
}

export interface Found {
  readonly files: readonly FoundFile[];
  readonly skipped: readonly Skipped[];
}

const COUNTED = /\.(md|ts)$/i;
/** What others wrote, and what was made from the sources. */
const NOT_OURS = new Set(['node_modules', '.git', '.tools', '.turbo', 'dist', 'build', 'prebuilds', 'coverage']);

/**
 * Finds the Markdown and TypeScript files of a folder and the folders in it, without those of others.
 *
 * @throws the error of the system if the folder itself cannot be read
 */
export async function findFiles(root: string): Promise<Found> {
  const files: FoundFile[] = [];
  const skipped: Skipped[] = [];
  for await (const met of walk(root, { enters: (name) => !NOT_OURS.has(name) })) {
    if ('why' in met) {
      skipped.push(met);
    } else if (COUNTED.test(met.entry.name)) {
      const found = await look(met.path);
      if ('why' in found) skipped.push(found);
      else files.push(found);
    }
  }
  return { files, skipped };
}

async function look(path: string): Promise<FoundFile | Skipped> {
  try {
    const stat = await lstat(path);
    if (stat.isSymbolicLink()) return { path, why: 'a symbolic link' };
    return stat.isFile() ? { path, bytes: stat.size } : { path, why: 'not a regular file' };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { path, why: code ?? message };
  }
}
