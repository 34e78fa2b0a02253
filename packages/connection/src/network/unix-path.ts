import { lstatSync, mkdtempSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** `/mp-XXXXXX/listener`, and what the kernel has room for. */
const MOST_OF_FOLDER = 107 - '/mp-XXXXXX/listener'.length;

/** A path for a unix socket, in a folder that only this user may enter. */
export function temporaryPath(): string {
  const folder = tmpdir();
  const short = Buffer.byteLength(folder) <= MOST_OF_FOLDER ? folder : '/tmp';
  return join(mkdtempSync(join(short, 'mp-')), 'listener');
}

/** Those that this process has to remove when it ends. */
const open = new Set<UnixPath>();

const removeAll = (): void => {
  for (const path of open) path.remove();
};

/** The name of a unix socket in the file system, which outlives the socket and has to be removed. */
export class UnixPath {
  readonly #path: string;
  readonly #temporary: boolean;
  readonly #inode: bigint | undefined;
  readonly #pid = process.pid;

  /** @param temporary - made by {@link temporaryPath}, with its folder */
  constructor(path: string, temporary: boolean) {
    this.#path = path;
    this.#temporary = temporary;
    this.#inode = inodeOf(path);
    if (open.size === 0) process.on('exit', removeAll);
    open.add(this);
  }

  remove(): void {
    open.delete(this);
    if (open.size === 0) process.off('exit', removeAll);
    // A forked child has it too, but it is not the child's. And somebody may have put another in its place.
    if (this.#pid !== process.pid || this.#inode === undefined || inodeOf(this.#path) !== this.#inode) return;
    try {
      unlinkSync(this.#path);
      if (this.#temporary) rmdirSync(dirname(this.#path));
    } catch {
      // Somebody else has removed it meanwhile, or put something beside it.
    }
  }
}

function inodeOf(path: string): bigint | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
