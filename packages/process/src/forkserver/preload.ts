import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PreloadErrors, Setup } from './protocol.ts';

/** What {@link setForkserverPreload} is told. */
export interface PreloadOptions {
  /**
   * What becomes of a module that cannot be loaded: `'ignore'` leaves it to the children to find that out; `'warn'` also
   * prints a warning on standard error; `'fail'` ends the server, and whoever starts a process gets a StartError.
   * Default `'ignore'`.
   */
  readonly onError?: PreloadErrors | undefined;
}

const ON_ERROR: readonly unknown[] = ['ignore', 'warn', 'fail'] satisfies PreloadErrors[];

let preload: Pick<Setup, 'preload' | 'onError'> = { preload: [], onError: 'ignore' };

/**
 * Which modules the fork server loads when it starts, so that no child has to. Children have them in memory at once,
 * in the state that loading has left them in.
 *
 * To be called before the first process is started by `forkserver`; a server that runs already goes on with what it
 * has.
 *
 * @param modules - URLs, absolute paths, paths beginning with a dot (seen from the working directory), names of
 * packages; and `'__main__'`, the main module of this process, which has to be guarded: see `isMainModule`
 *
 * @example
 * ```ts
 * setForkserverPreload([import.meta.resolve('./model.ts')], { onError: 'warn' });
 * ```
 *
 * Python: `multiprocessing.set_forkserver_preload`, with `on_error` as from 3.15 on. There `'__main__'` is the default;
 * here it is nothing, because what a program does at its top level would be done in the server as well.
 */
export function setForkserverPreload(modules: readonly string[], { onError = 'ignore' }: PreloadOptions = {}): void {
  if (!Array.isArray(modules) || !modules.every((name) => typeof name === 'string')) {
    throw Object.assign(new TypeError('setForkserverPreload: the modules must be an array of strings.'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  if (!ON_ERROR.includes(onError)) {
    throw Object.assign(
      new TypeError(`setForkserverPreload: onError must be 'ignore', 'warn' or 'fail', not ${String(onError)}.`),
      { code: 'ERR_INVALID_ARG_VALUE' },
    );
  }
  preload = { preload: modules.flatMap(specifierOf), onError };
}

/** What a server that is started now is to load. */
export const currentPreload = (): Pick<Setup, 'preload' | 'onError'> => preload;

function specifierOf(name: string): string[] {
  if (name === '__main__') {
    const main = process.argv[1];
    // A program without a file has no main module.
    return main !== undefined && isAbsolute(main) ? [pathToFileURL(main).href] : [];
  }
  return [isAbsolute(name) || name.startsWith('.') ? pathToFileURL(resolve(name)).href : name];
}
