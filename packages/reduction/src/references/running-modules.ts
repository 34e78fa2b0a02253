import { closeInspector, functionsNamed, isScript, moduleVariables, objectOf, type Variable } from './inspector.ts';
import type { ModuleExports } from './module-exports.ts';
import { listExports, offsetOf, placeKept } from './places.ts';
import { follow } from './search.ts';
import { hashOf } from './source-hash.ts';

/**
 * Modules that have begun and not finished, such as a main script that awaits, at its top level, the very message that
 * names a function of it. Nobody can import such a module before it ends; but it is in memory, and what it exports has
 * values already.
 *
 * A module that has **not begun** is another matter: its declared functions are in memory too, but may not be called,
 * because nothing that they use has been initialised. It will begin, and is waited for.
 */

// biome-ignore lint/complexity/noBannedTypes: any function may be the witness.
type AnyFunction = Function;

/** By the URL of a module, a function of it that this process has pickled: through it the variables can be asked for. */
const witnesses = new Map<string, WeakRef<AnyFunction>>();

export function noteWitness(fn: AnyFunction, url: string): void {
  if (url.startsWith('file:') && !witnesses.has(url)) witnesses.set(url, new WeakRef(fn));
}

function witnessOf(url: string): AnyFunction | undefined {
  const witness = witnesses.get(url)?.deref();
  if (witness === undefined) witnesses.delete(url);
  return witness;
}

/** What a module exports, as far as it is initialised, by the names of its exports. */
export function exportedValues(variables: readonly Variable[], list: ModuleExports): Record<string, unknown> {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const exports = Object.create(null) as Record<string, unknown>;
  for (const [name, local] of list.names) {
    const objectId = byName.get(local)?.objectId;
    if (objectId !== undefined) exports[name] = objectOf(objectId);
  }
  return exports;
}

/**
 * Whether the module has begun to run. Before it does, no `const`, `let` or `class` of its own has a value; if V8 keeps
 * none, at least what it imports must have one.
 */
function hasBegun(variables: readonly Variable[], list: ModuleExports): boolean {
  const own = variables.filter(({ name }) => list.lexicals.has(name));
  return own.length > 0 ? own.some(isInitialised) : variables.every(isInitialised);
}

/**
 * Whether it has come to the last of its variables. If V8 keeps none of its own, nobody can tell: what it imports has
 * values before it begins.
 */
const hasFinished = (variables: readonly Variable[], list: ModuleExports): boolean =>
  variables.some(({ name }) => list.lexicals.has(name)) && variables.every(isInitialised);

const isInitialised = (variable: Variable): boolean => variable.isInitialised;

/** What is looked for in a module. */
interface Wanted {
  readonly url: string;
  readonly path: readonly string[];
  readonly hash: number;
  readonly name: string;
}

/** How far a module must have come. A main script may be waiting for us, and never comes further; others are waited for. */
type Progress = 'begun' | 'finished';

/** An export of a module of which this process has pickled something, so that it has begun. */
export const findSeen = (wanted: Wanted): object | undefined =>
  closingInspector(() => {
    const witness = witnessOf(wanted.url);
    return witness === undefined ? undefined : exportSeenFrom(witness, wanted, 'begun');
  });

/** An export of a module that cannot be loaded synchronously, or not at all; searches the whole memory. */
export const findAnywhere = (wanted: Wanted, progress: Progress): object | undefined =>
  closingInspector(() => {
    if (!isScript(wanted.url)) return undefined;
    for (const candidate of functionsNamed(wanted.name)) {
      const found = hashOf(candidate) === wanted.hash ? exportSeenFrom(candidate, wanted, progress) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  });

function closingInspector<T>(use: () => T): T {
  try {
    return use();
  } finally {
    closeInspector();
  }
}

function exportSeenFrom(witness: AnyFunction, wanted: Wanted, progress: Progress): object | undefined {
  const { url, path, hash } = wanted;
  const place = placeKept(witness);
  if (place === null || place.url !== url) return undefined;
  const list = listExports(place);
  if (list === undefined) return undefined;
  const variables = moduleVariables(witness);
  if (!(progress === 'begun' ? hasBegun(variables, list) : hasFinished(variables, list))) return undefined;
  const value = follow(exportedValues(variables, list), path);
  if (typeof value === 'function' && hashOf(value) === hash) return value;
  // A default export without a name is in no variable, but at a place that the text shows.
  const isDefault = path.length === 1 && path[0] === 'default' && hashOf(witness) === hash;
  return isDefault && list.defaultPlaces.includes(offsetOf(list.text, place)) ? witness : undefined;
}
