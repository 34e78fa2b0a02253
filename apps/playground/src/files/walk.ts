import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';

/** A file or folder that was left out, and why. */
export interface Skipped {
  readonly path: string;
  readonly why: string;
}

/** Something in a folder that is no folder. */
export interface Entry {
  readonly path: string;
  readonly entry: Dirent;
}

interface WalkOptions {
  /** `'latin1'`: each character of a path is one of its bytes, so that names which are no text survive. Default `'utf8'`. */
  readonly encoding?: 'utf8' | 'latin1';
  /** Whether a folder of this name is entered. Default: all are. */
  readonly enters?: (name: string) => boolean;
}

/**
 * Everything in a folder and the folders in it, in no particular order; and folders that cannot be read. Symbolic links are
 * not followed: what they lead to is either found anyway, or not in this folder; and some lead in circles.
 *
 * @throws the error of the system if the folder itself cannot be read
 */
export async function* walk(root: string, options: WalkOptions = {}): AsyncGenerator<Entry | Skipped> {
  const { encoding = 'utf8', enters = () => true } = options;
  const open = [root];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entries = await list(folder, encoding).catch((error: NodeJS.ErrnoException) => error);
    if (entries instanceof Error) {
      if (folder === root) throw entries;
      yield { path: folder, why: entries.code ?? entries.message };
      continue;
    }
    for (const entry of entries) {
      const path = folder.endsWith('/') ? folder + entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) yield { path, entry };
      else if (enters(entry.name)) open.push(path);
    }
  }
}

const list = (folder: string, encoding: 'utf8' | 'latin1'): Promise<Dirent[]> =>
  readdir(Buffer.from(folder, encoding), { withFileTypes: true, encoding });
