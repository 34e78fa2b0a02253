import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import types from 'node:util/types';
import { How, type Needed } from './entry.ts';
import { exportedValues, findExport, listExports, placeKept, Unnamed, witnessOf } from './find-export.ts';
import { closeInspector, functionsNamed, isScript } from './inspector.ts';
import { follow } from './search.ts';
import { hashOf } from './source-hash.ts';

/** Loading the modules that messages name. What was loaded once is kept: a module never changes. */

type Reach = Needed['how'];

const loaded = new Map<string, unknown>();

const keyOf = (url: string, how: Reach): string => `${how} ${url}`;

export const isLoaded = (url: string, how: Reach): boolean => loaded.has(keyOf(url, how));

/** The exports of a module that was loaded before; of CommonJS the present ones, which may be others than a moment ago. */
export function exportsOf(url: string, how: Reach): unknown {
  if (how !== How.Require) return loaded.get(keyOf(url, how));
  return createRequire(url).cache[fileURLToPath(url)]?.exports;
}

/** Why a module could not be loaded at once. */
export type Obstacle = { readonly needsImport: true } | { readonly error: unknown };

/** @returns undefined when the module is loaded */
export function loadSync(url: string, how: Reach): Obstacle | undefined {
  if (isLoaded(url, how)) return undefined;
  const isFile = url.startsWith('file:') && !url.includes('?') && !url.includes('#');
  if (how !== How.Require && !isFile) return { needsImport: true };
  try {
    const exports: unknown = createRequire(url)(fileURLToPath(url));
    // A module may tell `require` another story than `import` (`export { x as 'module.exports' }`).
    if (how === How.Import && !types.isModuleNamespaceObject(exports)) return { needsImport: true };
    loaded.set(keyOf(url, how), exports);
    return undefined;
  } catch (error) {
    const { code } = error as { code?: unknown };
    const isRunning = code === 'ERR_REQUIRE_ASYNC_MODULE' || code === 'ERR_REQUIRE_CYCLE_MODULE';
    return isRunning && how !== How.Require ? { needsImport: true } : { error };
  }
}

export async function load(url: string, how: Reach): Promise<void> {
  if (how === How.Require) {
    const obstacle = loadSync(url, how);
    if (obstacle !== undefined && 'error' in obstacle) throw obstacle.error;
    return;
  }
  loaded.set(keyOf(url, how), await import(url));
}

/** What is looked for in a module. */
interface Wanted {
  readonly url: string;
  readonly path: readonly string[];
  readonly hash: number;
  readonly name: string;
}

/**
 * A function of a module that is still running, such as a main script that awaits the very message that names the
 * function. Nobody can import that module before it ends; but it is in memory, and its exports have values already.
 *
 * @param anywhere - search the whole memory if there is no function by which to find the others
 */
export function findRunning(wanted: Wanted, anywhere: boolean): object | undefined {
  try {
    const witness = witnessOf(wanted.url);
    const seen = witness === undefined ? undefined : exportSeenFrom(witness, wanted);
    if (seen !== undefined || !anywhere || !isScript(wanted.url)) return seen;
    for (const candidate of functionsNamed(wanted.name)) {
      const found = hashOf(candidate) === wanted.hash ? exportSeenFrom(candidate, wanted) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    closeInspector();
  }
}

// biome-ignore lint/complexity/noBannedTypes: any function may be the witness.
function exportSeenFrom(witness: Function, { url, path, hash }: Wanted): object | undefined {
  const place = placeKept(witness);
  if (place === null || place.url !== url) return undefined;
  const list = listExports(place);
  const value = list === undefined ? undefined : follow(exportedValues(witness, list), path);
  if (typeof value === 'function' && hashOf(value) === hash) return value;
  // A default export without a name is in no variable.
  if (hashOf(witness) !== hash) return undefined;
  const entry = findExport(witness);
  const isIt = !(entry instanceof Unnamed) && entry.type === 'export' && entry.path.join('.') === path.join('.');
  return isIt ? witness : undefined;
}
