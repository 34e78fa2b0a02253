import { inspect } from 'node:util';
import { setImporting } from '../importing.ts';
import type { Setup } from './protocol.ts';

/** Loads the modules, one after the other. They may not start processes: a guard is missing then. */
export async function preloadModules({ preload, onError }: Pick<Setup, 'preload' | 'onError'>): Promise<void> {
  setImporting(true);
  for (const specifier of preload) {
    try {
      await import(resolved(specifier));
    } catch (error) {
      if (onError === 'ignore') continue;
      process.stderr.write(`The fork server could not preload ${specifier}: ${inspect(error)}\n`);
      if (onError === 'fail') process.exit(1);
    }
  }
  setImporting(false);
}

/** A package is looked for where the user's program would look, and not from here. */
function resolved(specifier: string): string {
  if (/^(node|file|data):/.test(specifier)) return specifier;
  const { createRequire, isBuiltin } = process.getBuiltinModule('node:module');
  if (isBuiltin(specifier)) return specifier;
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  return pathToFileURL(createRequire(`${process.cwd()}/`).resolve(specifier)).href;
}
