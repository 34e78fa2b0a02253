import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import types from 'node:util/types';
import { How, type Needed } from './entry.ts';

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

/** Imports that have begun here and not ended. */
const importing = new Map<string, Promise<void>>();

/** The import of a module, if this process is at it: who else needs the module waits for the same one. */
export const importOf = (url: string, how: Reach): Promise<void> | undefined => importing.get(keyOf(url, how));

export function load(url: string, how: Reach): Promise<void> {
  const key = keyOf(url, how);
  let loading = importing.get(key);
  if (loading === undefined) {
    loading = begin(url, how).finally(() => importing.delete(key));
    importing.set(key, loading);
  }
  return loading;
}

async function begin(url: string, how: Reach): Promise<void> {
  if (how === How.Require) {
    const obstacle = loadSync(url, how);
    if (obstacle !== undefined && 'error' in obstacle) throw obstacle.error;
    return;
  }
  loaded.set(keyOf(url, how), await import(url));
}

/** As it was when the process was started: a spawned child takes over the arguments of its parent, whose main script is not its own. */
const script = noteOfChild()?.script ?? process.argv[1] ?? '';
let main: string | undefined;

/** Whether this is the script that the process was started with. */
export function isMainModule(url: string): boolean {
  main ??= findMain();
  return url === main;
}

function findMain(): string {
  try {
    return pathToFileURL(process.getBuiltinModule('node:fs').realpathSync(script)).href;
  } catch {
    return '';
  }
}

/** A spawned child that has begun without this package leaves a note. (See child/plain.ts of @mp/process.) */
function noteOfChild(): { readonly script: string } | undefined {
  return Reflect.get(process, Symbol.for('@mp/child')) as { readonly script: string } | undefined;
}
