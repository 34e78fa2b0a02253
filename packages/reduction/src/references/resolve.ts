import { ModuleNotLoadedError, UnpicklingError } from '../errors.ts';
import { type RegisteredClass, registeredByPrototype, registeredClass, registeredFunction } from '../registry.ts';
import { inWords } from '../words.ts';
import { getBuiltIn } from './built-ins.ts';
import { describeEntry, type Entry, type ExportEntry, modulesOf } from './entry.ts';
import { exportsOf, importOf, isLoaded, isMainModule, load, loadSync } from './loading.ts';
import { findAnywhere, findSeen } from './running-modules.ts';
import { candidates, follow } from './search.ts';
import { hashOf } from './source-hash.ts';

/**
 * The receiving side of references: from the names in a message to the functions and classes of this process.
 *
 * The receiver is the judge. It takes what is exported under the name only if its source text has the hash that the
 * sender saw; else it looks for the same function elsewhere in the module, and else it says so. A function that merely
 * has the same name is never called.
 */

/** What an entry of the reference table stands for here. */
export type Resolved =
  | { readonly type: 'value'; readonly value: object }
  | { readonly type: 'registration'; readonly registration: RegisteredClass }
  | { readonly type: 'refused'; readonly why: string; readonly name: string };

/** Functions that were found in modules that cannot be imported yet. */
const running = new Map<string, WeakRef<object>>();

const keyOf = ({ url, path, hash }: ExportEntry): string => `${hash} ${path.join('.')} ${url}`;

/**
 * @returns undefined if a module has to be loaded first
 * @throws UnpicklingError if it is loaded, and what the entry names is not there
 */
export function resolve(entry: Entry): Resolved | undefined {
  switch (entry.type) {
    case 'export':
      return resolveExport(entry);
    case 'built-in': {
      const value = getBuiltIn(entry);
      if (value === undefined) return fail(entry, 'which this version of Node does not have');
      return { type: 'value', value };
    }
    case 'registered function': {
      const value = registeredFunction(entry.name);
      if (value !== undefined) return { type: 'value', value };
      return orMissing(
        entry,
        'but no function is registered under that name here. Call registerFunction on both sides',
      );
    }
    case 'registered class': {
      const registration = registeredClass(entry.name);
      if (registration !== undefined) return { type: 'registration', registration };
      return orMissing(entry, 'but no class is registered under that name here. Call register on both sides');
    }
    case 'registered export': {
      const Class = resolveExport(entry.export);
      if (Class?.type !== 'value') return undefined;
      const { prototype } = Class.value as { prototype?: unknown };
      const registration =
        typeof prototype === 'object' && prototype !== null ? registeredByPrototype(prototype) : undefined;
      if (registration !== undefined) return { type: 'registration', registration };
      return orMissing(entry, 'but that class is not registered here. Call register on both sides');
    }
  }
}

function orMissing(entry: Entry, why: string): undefined {
  if (modulesOf(entry).every(({ url, how }) => isLoaded(url, how))) fail(entry, why);
  return undefined;
}

function resolveExport(entry: ExportEntry): Resolved | undefined {
  if (isLoaded(entry.url, entry.how)) {
    return { type: 'value', value: pick(exportsOf(entry.url, entry.how), entry) };
  }
  const value = running.get(keyOf(entry))?.deref();
  return value === undefined ? undefined : { type: 'value', value };
}

const isIt = (value: unknown, { hash }: ExportEntry): value is object =>
  typeof value === 'function' && hashOf(value) === hash;

function pick(exports: unknown, entry: ExportEntry): object {
  const named = follow(exports, entry.path);
  if (isIt(named, entry)) return named;
  for (const { value } of candidates(exports)) {
    if (isIt(value, entry) && (value as { name?: unknown }).name === entry.name) return value;
  }
  if (named === undefined)
    return fail(entry, 'but the module does not export that here. Do both sides have the same version of the file?');
  const hash = typeof named === 'function' ? `source hash ${hashOf(named).toString(16)}` : `a ${typeof named}`;
  return fail(entry, `but here that is something else (${hash}). Do both sides have the same version of the file?`);
}

function fail(entry: Entry, why: string): never {
  throw new UnpicklingError(`The message cannot be unpickled: it needs ${describeEntry(entry)}, ${why}.`);
}

/** What strangers may name: classes registered for them, by name, and nothing else. */
export function resolveUntrusted(entry: Entry): Resolved {
  const registration = entry.type === 'registered class' ? registeredClass(entry.name) : undefined;
  if (registration?.untrusted === true) return { type: 'registration', registration };
  const name = entry.type === 'export' || entry.type === 'registered class' ? entry.name : '';
  return { type: 'refused', why: `it needs ${describeEntry(entry)}, which an untrusted sender may not name`, name };
}

/**
 * Loads synchronously what the entries need.
 *
 * @throws ModuleNotLoadedError
 * @throws UnpicklingError
 */
export function prepareSync(entries: readonly Entry[]): void {
  for (const entry of entries) {
    for (const { url, how } of modulesOf(entry)) {
      if (resolve(entry) !== undefined) break;
      const obstacle = loadSync(url, how);
      if (obstacle === undefined) continue;
      if ('error' in obstacle) throw notLoadable(url, obstacle.error);
      if (importOf(url, how) !== undefined) throw needsImport(entry, url);
      if (!noteSeen(entry, url) && !noteAnywhere(entry, url)) throw needsImport(entry, url);
    }
  }
}

function needsImport(entry: Entry, url: string): ModuleNotLoadedError {
  return new ModuleNotLoadedError(
    `The message needs ${describeEntry(entry)}, a module that is not loaded yet and cannot be loaded synchronously ` +
      `(it uses top-level await, or its URL has a query). \`await import(${JSON.stringify(url)})\` before, or receive with the promise form ` +
      '(always with that if no function of the module uses a variable of it: V8 then cannot tell whether it has run).',
    { module: url },
  );
}

function notLoadable(url: string, cause: unknown): UnpicklingError {
  return new UnpicklingError(`The message needs the module ${url}, which could not be loaded: ${inWords(cause)}`, {
    cause,
  });
}

const exportIn = (entry: Entry, url: string): ExportEntry | undefined => {
  const named = entry.type === 'registered export' ? entry.export : entry;
  return named.type === 'export' && named.url === url ? named : undefined;
};

/** Looks for the export of a module that has begun, and perhaps waits for this very message. */
const noteSeen = (entry: Entry, url: string): boolean => note(entry, url, findSeen);

/** The same where nothing of the module was ever pickled here. */
const noteAnywhere = (entry: Entry, url: string): boolean =>
  note(entry, url, (named) => findAnywhere(named, isMainModule(url) ? 'begun' : 'finished'));

function note(entry: Entry, url: string, find: (named: ExportEntry) => object | undefined): boolean {
  const named = exportIn(entry, url);
  const found = named === undefined ? undefined : find(named);
  if (named !== undefined && found !== undefined) running.set(keyOf(named), new WeakRef(found));
  return found !== undefined;
}

/**
 * Imports what the entries need.
 *
 * @throws UnpicklingError
 */
export async function prepare(entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) {
    for (const { url, how } of modulesOf(entry)) {
      if (resolve(entry) !== undefined) break;
      if (isLoaded(url, how)) continue;
      // What is being imported here will end. Only a module that others have begun may be waiting for this very message.
      if (importOf(url, how) === undefined && noteSeen(entry, url)) continue;
      const loading = load(url, how).catch((error: unknown) => {
        throw notLoadable(url, error);
      });
      await (isMainModule(url) ? orRunning(loading, entry, url) : loading);
    }
  }
}

/**
 * How long an import of the main script may take before it is asked whether it can end at all. It cannot while the
 * script is waiting, at its top level, for this message.
 */
const PATIENCE = [50, 500, 5000];

async function orRunning(loading: Promise<void>, entry: Entry, url: string): Promise<void> {
  // Whoever stops waiting for it must not be told later that nobody did.
  loading.catch(() => {});
  for (const patience of PATIENCE) {
    if (await settles(loading, patience)) break;
    if (noteAnywhere(entry, url)) return;
  }
  await loading;
}

async function settles(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((done) => {
    timer = setTimeout(() => done(false), ms);
  });
  try {
    return await Promise.race([
      promise.then(
        () => true,
        () => true,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
