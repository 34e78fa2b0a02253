import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import types from 'node:util/types';
import { inWords } from '../words.ts';
import { findBuiltIn } from './built-ins.ts';
import { type BuiltInEntry, type ExportEntry, How } from './entry.ts';
import { moduleVariables, type Place } from './inspector.ts';
import { listExports, offsetOf, placeKept } from './places.ts';
import { exportedValues, noteWitness } from './running-modules.ts';
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

/** How a function that was sent before is reached by `import`. */
export interface ImportedExport {
  /** Of the module. */
  readonly url: string;
  /** The names by which its exports lead to the function. */
  readonly path: readonly string[];
  /** The text of the module. */
  readonly text: string;
}

/** @returns undefined for a function that was never sent, or that is reached in another way, or not at once */
export function importedExport(fn: AnyFunction): ImportedExport | undefined {
  const entry = found.get(fn);
  if (entry === undefined || entry instanceof Unnamed || entry.type !== 'export' || entry.how !== How.Import) return;
  const place = placeKept(fn);
  if (entry.url.includes('?') || entry.url.includes('#')) return;
  const text = place === null || place.url !== entry.url ? undefined : listExports(place)?.text;
  return text === undefined ? undefined : { url: entry.url, path: entry.path, text };
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
    if (place !== null) noteWitness(fn, place.url);
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
  return new Unnamed(`is ${called(fn)}, ${missing(fn, place)}. ${cures(fn)}`, maybeLater);
}

/** Runners such as vitest's make functions of their own from a module, and no other process can have those. */
function missing(fn: AnyFunction, place: Place): string {
  const name = ownName(fn);
  if (listExports(place)?.names.has(name) !== true) return `which is not exported from ${place.url}`;
  return (
    `which is another one than the \`${name}\` that ${place.url} exports: made anew by a function, or by a test runner with a ` +
    'loader of its own (vitest: set experimental.viteModuleRunner to false)'
  );
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
    const path = pathTo(exportedValues(moduleVariables(fn), list), fn);
    if (path !== undefined) return path;
  }
  const isComplete = list !== undefined && list.defaultPlaces.length === 0;
  return isComplete ? undefined : pathInNamespace(fn, place.url);
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
