import type { Tree } from '../format.ts';

/** How an export is reached: `import(url)` and then the path, or `require(url)` and then the path. */
export const How = { Import: 0, Require: 1 } as const;
export type How = (typeof How)[keyof typeof How];

/** A function, class or object that a module exports. */
export interface ExportEntry {
  readonly type: 'export';
  readonly url: string;
  readonly how: How;
  /** `['ops', 'add']` is `exports.ops.add`; empty when `module.exports` itself is meant. */
  readonly path: readonly string[];
  /** {@link sourceHash} of its text. */
  readonly hash: number;
  /** Its own name, for messages, and to find it when it has moved within its module. */
  readonly name: string;
}

/** Something that every process has: a global (`module` is empty) or a part of a module of Node. */
export interface BuiltInEntry {
  readonly type: 'built-in';
  readonly module: string;
  readonly path: readonly string[];
}

/** A function that both sides have registered under one name. */
export interface RegisteredFunctionEntry {
  readonly type: 'registered function';
  readonly name: string;
  /** The module that registers it, if that is known. */
  readonly registrar: string | undefined;
}

/** A class that both sides have registered under one name. */
export interface RegisteredClassEntry {
  readonly type: 'registered class';
  readonly name: string;
  readonly registrar: string | undefined;
}

/** A class that is registered without a name: it is known by where it is exported. */
export interface RegisteredExportEntry {
  readonly type: 'registered export';
  readonly export: ExportEntry;
  readonly registrar: string | undefined;
}

export type Entry = ExportEntry | BuiltInEntry | RegisteredFunctionEntry | RegisteredClassEntry | RegisteredExportEntry;

/** The numbers are the wire format. */
const TYPES = ['export', 'built-in', 'registered function', 'registered class', 'registered export'] as const;

/** @returns `[[module URL …], [entry …]]`, where entries name modules by number */
export function encodeEntries(entries: readonly Entry[]): Tree {
  const modules: string[] = [];
  const numberOf = (url: string | undefined): number => {
    if (url === undefined) return -1;
    const known = modules.indexOf(url);
    return known < 0 ? modules.push(url) - 1 : known;
  };
  const encode = (entry: Entry): Tree[] => {
    const type = TYPES.indexOf(entry.type);
    switch (entry.type) {
      case 'export':
        return [type, numberOf(entry.url), entry.how, [...entry.path], entry.hash, entry.name];
      case 'built-in':
        return [type, entry.module, [...entry.path]];
      case 'registered function':
      case 'registered class':
        return [type, entry.name, numberOf(entry.registrar)];
      case 'registered export':
        return [type, encode(entry.export), numberOf(entry.registrar)];
    }
  };
  const encoded = entries.map(encode);
  return [modules, encoded];
}

/** @returns undefined for what is no table of entries */
export function decodeEntries(tree: Tree): readonly Entry[] | undefined {
  if (!Array.isArray(tree) || tree.length !== 2) return undefined;
  const [modules, encoded] = tree;
  if (!isTexts(modules) || !Array.isArray(encoded)) return undefined;
  const entries: Entry[] = [];
  for (const each of encoded) {
    const entry = decode(each, modules);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return entries;
}

function decode(tree: Tree, modules: readonly string[]): Entry | undefined {
  if (!Array.isArray(tree) || typeof tree[0] !== 'number') return undefined;
  const type = TYPES[tree[0]];
  switch (type) {
    case 'export':
      return decodeExport(tree, modules);
    case 'built-in': {
      const [, module, path] = tree;
      return typeof module === 'string' && isTexts(path) ? { type, module, path } : undefined;
    }
    case 'registered function':
    case 'registered class': {
      const [, name, number] = tree;
      if (typeof name !== 'string' || !isModule(number, modules)) return undefined;
      return { type, name, registrar: modules[number] };
    }
    case 'registered export': {
      const [, encoded, number] = tree;
      const inner = decode(encoded, modules);
      if (inner?.type !== 'export' || !isModule(number, modules)) return undefined;
      return { type, export: inner, registrar: modules[number] };
    }
    default:
      return undefined;
  }
}

function decodeExport(tree: readonly Tree[], modules: readonly string[]): ExportEntry | undefined {
  const [, number, how, path, hash, name] = tree;
  if (!isModule(number, modules) || (how !== How.Import && how !== How.Require)) return undefined;
  const url = modules[number];
  if (url === undefined || !isTexts(path) || typeof hash !== 'number' || typeof name !== 'string') return undefined;
  return { type: 'export', url, how, path, hash, name };
}

const isTexts = (tree: Tree): tree is string[] => Array.isArray(tree) && tree.every((text) => typeof text === 'string');

const isModule = (tree: Tree, modules: readonly string[]): tree is number =>
  typeof tree === 'number' && Number.isInteger(tree) && tree >= -1 && tree < modules.length;

/** A module to load: for what it exports, or because loading it registers something. */
export interface Needed {
  readonly url: string;
  readonly how: How | 'for its effect';
}

/** The modules that have to be loaded for an entry, the one that registers last. */
export function modulesOf(entry: Entry): readonly Needed[] {
  const needed: Needed[] = [];
  if (entry.type === 'built-in') return needed;
  if (entry.type === 'export') return [entry];
  if (entry.type === 'registered export') needed.push(entry.export);
  if (entry.registrar !== undefined) needed.push({ url: entry.registrar, how: 'for its effect' });
  return needed;
}

/** An entry in words, for errors and for the disassembler. */
export function describeEntry(entry: Entry): string {
  switch (entry.type) {
    case 'export': {
      const where = entry.path.length === 0 ? 'module.exports' : `the export \`${entry.path.join('.')}\``;
      return `${where} of ${entry.url} (\`${entry.name}\`, source hash ${entry.hash.toString(16)})`;
    }
    case 'built-in':
      return `the built-in \`${[entry.module, ...entry.path].filter((part) => part !== '').join('.')}\``;
    case 'registered function':
      return `the function registered as '${entry.name}'${entry.registrar === undefined ? '' : ` by ${entry.registrar}`}`;
    case 'registered class':
      return `the class registered as '${entry.name}'${entry.registrar === undefined ? '' : ` by ${entry.registrar}`}`;
    case 'registered export': {
      const by = entry.registrar === undefined ? '' : `, registered by ${entry.registrar}`;
      return describeEntry(entry.export) + by;
    }
  }
}
