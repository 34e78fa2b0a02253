import { realpathSync } from 'node:fs';
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
  if (script === undefined) return false;
  try {
    return meta.url === pathToFileURL(realpathSync(script)).href;
  } catch {
    return false;
  }
}
