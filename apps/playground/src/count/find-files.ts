import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Skipped } from './tally.ts';

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
 * Finds the Markdown and TypeScript files of a folder and the folders in it, without those of others. Symbolic links are
 * not followed: what they lead to is either found anyway, or not ours; and some lead in circles.
 *
 * @throws the error of the system if the folder itself cannot be read
 */
export async function findFiles(root: string): Promise<Found> {
  const files: FoundFile[] = [];
  const skipped: Skipped[] = [];
  const open = [root];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (folder === root) throw error;
      skipped.push({ path: folder as string, why: error.code ?? error.message });
      return [];
    });
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!NOT_OURS.has(entry.name)) open.push(path);
      } else if (COUNTED.test(entry.name)) {
        const found = await look(path);
        if ('why' in found) skipped.push(found);
        else files.push(found);
      }
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
