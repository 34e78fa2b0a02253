import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { self } from './self.ts';

/**
 * Whether a module is the program that was started with `node`, and not imported by another module or by a child
 * process. What starts processes stands behind it. Node 24.2 and newer have `import.meta.main` for this.
 *
 * Python: `if __name__ == '__main__'`.
 *
 * @example
 * ```ts
 * if (isMainModule(import.meta)) await main();
 * ```
 */
export function isMainModule(meta: ImportMeta): boolean {
  if (self.parent !== undefined || self.bootstrapping) return false;
  const { main } = meta as { readonly main?: boolean };
  if (main !== undefined) return main;
  const script = process.argv[1];
  // Node makes it absolute, unless it is an argument of a program without a file.
  if (script === undefined || !isAbsolute(script)) return false;
  try {
    // May lack its extension, or be a folder.
    return meta.url === pathToFileURL(realpathSync(createRequire(import.meta.url).resolve(script))).href;
  } catch {
    return false;
  }
}
