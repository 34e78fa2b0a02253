import { fileURLToPath } from 'node:url';
import { type Place, placeOf, sourceOf } from './inspector.ts';
import { type ModuleExports, readModuleExports } from './module-exports.ts';

/** Where functions are written and what their modules export: asked once, and kept. */

// biome-ignore lint/complexity/noBannedTypes: any function may be asked for.
type AnyFunction = Function;

const places = new WeakMap<object, Place | null>();

/** Where a function is written; null if the inspector does not say. The inspector must be closed afterwards. */
export function placeKept(fn: AnyFunction): Place | null {
  let place = places.get(fn);
  if (place === undefined) {
    place = placeOf(fn) ?? null;
    places.set(fn, place);
  }
  return place;
}

/** The export list of a module, with the text that it was read from. */
export interface ListedExports extends ModuleExports {
  readonly text: string;
}

const lists = new Map<string, ListedExports | undefined>();

// Not imported: `node:fs` and `node:util` take 3 ms each to import, because all that they export is looked at.
const readFile = (path: string): string => process.getBuiltinModule('node:fs').readFileSync(path, 'utf8');

/**
 * The export list of a module, from the file, which is what another process would load; if that cannot be read or
 * understood (types may look like anything), from what was compiled.
 */
export function listExports({ url, scriptId }: Place): ListedExports | undefined {
  if (!lists.has(url)) {
    const read = (text: () => string): ListedExports | undefined => {
      try {
        const found = text();
        return { text: found, ...readModuleExports(found) };
      } catch {
        return undefined;
      }
    };
    lists.set(url, read(() => readFile(fileURLToPath(url))) ?? read(() => sourceOf(scriptId)));
  }
  return lists.get(url);
}

/** The offset of a place into the text of its module; -1 if the text does not reach so far. */
export function offsetOf(text: string, { line, column }: Place): number {
  let start = 0;
  for (let i = 0; i < line; i++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return -1;
    start = end + 1;
  }
  return start + column;
}
