import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import types from 'node:util/types';
import { inWords } from '../words.ts';
import { findBuiltIn } from './built-ins.ts';
import { type BuiltInEntry, type ExportEntry, How } from './entry.ts';
import { moduleVariables, type Place, placeOf, sourceOf } from './inspector.ts';
import { type ModuleExports, readModuleExports } from './module-exports.ts';
import { pathTo } from './search.ts';
import { hashOf } from './source-hash.ts';

/**
 * Finds the name under which another process reaches the same function or class.
 *
 * ```text
 *   function ─► where is it written?
 *                ├─ nowhere, or in node:…       built-ins.ts, by identity
 *                ├─ a CommonJS module           require.cache, by identity
 *                └─ an ES module                the export list is read from its text, the values of those variables
 *                                               come from the debugger, and identity decides: so it works for modules
 *                                               that are still running (a main script that awaits at its top level),
 *                                               and no module is ever loaded a second time
 * ```
 */

// biome-ignore lint/complexity/noBannedTypes: any function may be asked for.
type AnyFunction = Function;

/** Why a function cannot be named, in words that follow "it …", with the cure. */
export class Unnamed {
  readonly why: string;
  /** Whether it may be different later: the module is still running, and has not exported everything yet. */
  readonly maybeLater: boolean;

  constructor(why: string, maybeLater = false) {
    this.why = why;
    this.maybeLater = maybeLater;
  }
}

const found = new WeakMap<object, ExportEntry | BuiltInEntry | Unnamed>();
const places = new WeakMap<object, Place | null>();

/** By the URL of a module, some function of it, through which its variables can be asked for. */
const witnesses = new Map<string, WeakRef<AnyFunction>>();

export const witnessOf = (url: string): AnyFunction | undefined => witnesses.get(url)?.deref();

/** Where a function is written; null if the inspector does not say. The inspector must be closed afterwards. */
export function placeKept(fn: AnyFunction): Place | null {
  let place = places.get(fn);
  if (place === undefined) {
    place = placeOf(fn) ?? null;
    places.set(fn, place);
    if (place?.url.startsWith('file:') === true) witnesses.set(place.url, new WeakRef(fn));
  }
  return place;
}

/** The inspector must be closed afterwards. Answers are kept for as long as the function lives. */
export function findExport(fn: AnyFunction): ExportEntry | BuiltInEntry | Unnamed {
  let entry = found.get(fn);
  if (entry === undefined) {
    entry = search(fn);
    if (!(entry instanceof Unnamed && entry.maybeLater)) found.set(fn, entry);
  }
  return entry;
}

const ownName = (fn: AnyFunction): string => {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, 'name')?.value;
  return typeof name === 'string' ? name.toWellFormed() : '';
};

const kindOf = (fn: AnyFunction): string =>
  /^class\b/.test(Function.prototype.toString.call(fn)) ? 'class' : 'function';

const called = (fn: AnyFunction): string =>
  ownName(fn) === '' ? `an anonymous ${kindOf(fn)}` : `the ${kindOf(fn)} \`${ownName(fn)}\``;

const cures = (fn: AnyFunction): string =>
  kindOf(fn) === 'class'
    ? 'Export it, or register(Class, { name, reduce, rebuild }) it on both sides'
    : 'Export it, wrap it with callable(f, …captured), register it with registerFunction(name, f), or use the fork start method';

function search(fn: AnyFunction): ExportEntry | BuiltInEntry | Unnamed {
  if (types.isProxy(fn))
    return new Unnamed('is a Proxy of a function, whose handler is code of this process. Send the function itself');
  let place: Place | null;
  try {
    place = placeKept(fn);
  } catch (error) {
    const why = `is ${called(fn)}, which cannot be looked for (${inWords(error)}). ${cures(fn)}`;
    return findBuiltIn(fn) ?? new Unnamed(why);
  }
  const url = place?.url;
  if (place === null || url === undefined || url.startsWith('node:')) {
    return findBuiltIn(fn, url) ?? new Unnamed(nativeRefusal(fn, url));
  }
  if (!url.startsWith('file:') || NO_FILE.test(url)) return new Unnamed(rootlessRefusal(fn, url));
  const name = ownName(fn);
  const required = pathInCommonJs(fn, url);
  if (isPath(required)) return { type: 'export', url, how: How.Require, path: required, hash: hashOf(fn), name };
  const imported = pathInModule(fn, place);
  if (isPath(imported)) return { type: 'export', url, how: How.Import, path: imported, hash: hashOf(fn), name };
  const maybeLater = required === RUNNING || imported === RUNNING;
  return new Unnamed(`is ${called(fn)}, which is not exported from ${url}. ${cures(fn)}`, maybeLater);
}

type Path = readonly string[];
const isPath = (path: Path | typeof RUNNING | undefined): path is Path => Array.isArray(path);

/** Not found, but the module has not finished. */
const RUNNING: unique symbol = Symbol('running');

function nativeRefusal(fn: AnyFunction, url: string | undefined): string {
  if (url !== undefined) return `is ${called(fn)} from the inside of Node (${url}). ${cures(fn)}`;
  if (ownName(fn).startsWith('bound ')) {
    return `is a bound function, \`${ownName(fn)}\`, whose \`this\` and arguments cannot be seen. Use callable(f, …captured), or send f and its arguments`;
  }
  return `is ${called(fn)}, native code that no global and no module of Node names. Call it inside a function that you export`;
}

/** What Node calls the script of `node -e` and of standard input. */
const NO_FILE = /\[(?:eval\d*|stdin)\](?:-wrapper)?$/;

function rootlessRefusal(fn: AnyFunction, url: string): string {
  const origin =
    url === '' || url.startsWith('evalmachine') || url.startsWith('REPL') || NO_FILE.test(url)
      ? 'eval, the REPL or `node -e`'
      : url.slice(0, 80);
  return `is ${called(fn)}, which was made by ${origin}: there is no file from which another process could load it. Put it into a module and export it`;
}

/** An ES module may be in this cache too: if it was loaded by `require`, or while Node was guessing what it is. */
function pathInCommonJs(fn: AnyFunction, url: string): Path | typeof RUNNING | undefined {
  const module = createRequire(import.meta.url).cache[fileURLToPath(url)];
  if (module === undefined || types.isModuleNamespaceObject(module.exports)) return undefined;
  return pathTo(module.exports, fn) ?? (module.loaded ? undefined : RUNNING);
}

function pathInModule(fn: AnyFunction, place: Place): Path | typeof RUNNING | undefined {
  const list = listExports(place);
  if (list !== undefined) {
    if (list.defaultPlaces.includes(offsetOf(list.text, place))) return ['default'];
    const path = pathTo(exportedValues(fn, list), fn);
    if (path !== undefined) return path;
  }
  const isComplete = list !== undefined && list.defaultPlaces.length === 0;
  return isComplete ? undefined : pathInNamespace(fn, place.url);
}

/** What a module exports, as far as it is initialised, by the names of its exports. */
export function exportedValues(witness: AnyFunction, listed: ModuleExports): Record<string, unknown> {
  const variables = moduleVariables(witness, new Set(listed.names.values()));
  const exports: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, variable] of listed.names) if (variables.has(variable)) exports[name] = variables.get(variable);
  return exports;
}

// Not imported: `node:fs` and `node:util` take 3 ms each to import, because all that they export is looked at.
const readFile = (path: string): string => process.getBuiltinModule('node:fs').readFileSync(path, 'utf8');

interface ListedExports extends ModuleExports {
  readonly text: string;
}

const listed = new Map<string, ListedExports | undefined>();

/**
 * The export list of a module, from the file, which is what another process would load; if that cannot be read or
 * understood (types may look like anything), from what was compiled.
 */
export function listExports({ url, scriptId }: Place): ListedExports | undefined {
  if (!listed.has(url)) {
    const read = (text: () => string): ListedExports | undefined => {
      try {
        const found = text();
        return { text: found, ...readModuleExports(found) };
      } catch {
        return undefined;
      }
    };
    listed.set(url, read(() => readFile(fileURLToPath(url))) ?? read(() => sourceOf(scriptId)));
  }
  return listed.get(url);
}

/**
 * What the variables do not show, such as the members of an `export default { … }`, a finished module does.
 *
 * Its URL is in the loader's cache, because the function came from it, so nothing is loaded twice. (Test runners with
 * loaders of their own have another cache. They are met here only for a default export without a name.)
 */
function pathInNamespace(fn: AnyFunction, url: string): Path | typeof RUNNING | undefined {
  if (url.includes('?') || url.includes('#')) return undefined;
  try {
    return pathTo(createRequire(url)(fileURLToPath(url)), fn);
  } catch {
    return RUNNING;
  }
}

function offsetOf(text: string, { line, column }: Place): number {
  let start = 0;
  for (let i = 0; i < line; i++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return -1;
    start = end + 1;
  }
  return start + column;
}
