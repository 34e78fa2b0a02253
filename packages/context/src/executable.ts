import { fileURLToPath } from 'node:url';

let executable: string | undefined;

/**
 * Sets the program that `spawn` and `forkserver` start, instead of the one that runs this process. It must take the
 * arguments of `node` and be of the same version. For those who embed Node or ship their own.
 *
 * @param path - a path or a `file:` URL; undefined: the running program again
 *
 * Python: `multiprocessing.set_executable`.
 */
export function setExecutable(path: string | URL | undefined): void {
  if (path !== undefined && typeof path !== 'string' && !(path instanceof URL)) {
    throw Object.assign(new TypeError('setExecutable: the path must be a string or a file: URL.'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  executable = path instanceof URL ? fileURLToPath(path) : path;
}

/** The program that children run. */
export function getExecutable(): string {
  return executable ?? process.execPath;
}
