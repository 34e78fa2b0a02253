import { builtinModules } from 'node:module';
import type { BuiltInEntry } from './entry.ts';

/** Functions and namespaces that every process of this version of Node has, found by identity. */

/**
 * The globals that are searched for methods. Not all there are: merely looking at some of Node's (`Headers`,
 * `WebSocket`, `Crypto` …) loads whole subsystems, 50 ms. Those are found by their own name, when somebody has one.
 */
const ROOTS =
  'Object Function Array Number Boolean String Symbol BigInt Date RegExp Promise Map Set WeakMap WeakSet WeakRef Error Math JSON Reflect Atomics Intl WebAssembly ArrayBuffer SharedArrayBuffer DataView Iterator URL URLSearchParams Buffer console process performance';
const FUNCTIONS =
  'parseInt parseFloat isNaN isFinite encodeURI encodeURIComponent decodeURI decodeURIComponent escape unescape eval structuredClone queueMicrotask setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate atob btoa';

/** Math, JSON and the like look like plain objects, but have nothing that could travel: they are there already. */
const STATELESS = ['Math', 'JSON', 'Reflect', 'Atomics', 'Intl', 'WebAssembly', 'console'];

/** What a name leads to, unless reading it would run a getter. */
const peek = (object: object, name: string): unknown => Object.getOwnPropertyDescriptor(object, name)?.value as unknown;

/** The globals that Node keeps behind getters, which do nothing but return them. */
const peekGlobal = (name: string): unknown => {
  if (name === 'process') return process;
  if (name === 'Buffer') return Buffer;
  return name === 'performance' ? performance : peek(globalThis, name);
};

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

const indexes = new Map<string, Map<object, BuiltInEntry>>();

/** Notes the functions within an object down to the methods of its classes. The shortest path wins. */
function addMembers(found: Map<object, BuiltInEntry>, module: string, path: readonly string[], root: object): void {
  const queue = [{ object: root, path }];
  for (const { object, path } of queue) {
    for (const name of Object.getOwnPropertyNames(object)) {
      const value = peek(object, name);
      if (!isObject(value) || found.has(value) || name === 'constructor') continue;
      const longer = [...path, name];
      if (typeof value === 'function') found.set(value, { type: 'built-in', module, path: longer });
      if (longer.length < 4 && (name === 'prototype' || typeof value === 'function'))
        queue.push({ object: value, path: longer });
    }
  }
}

function indexGlobals(): Map<object, BuiltInEntry> {
  const found = new Map<object, BuiltInEntry>();
  const add = (name: string): object | undefined => {
    const value = peekGlobal(name);
    if (!isObject(value)) return undefined;
    if (typeof value === 'function' || STATELESS.includes(name))
      found.set(value, { type: 'built-in', module: '', path: [name] });
    return value;
  };
  for (const name of FUNCTIONS.split(' ')) add(name);
  const roots = ROOTS.split(' ').map((name) => ({ name, value: add(name) }));
  for (const { name, value } of roots) if (value !== undefined) addMembers(found, '', [name], value);
  return found;
}

function indexModule(id: string): Map<object, BuiltInEntry> {
  const found = new Map<object, BuiltInEntry>();
  const exports = process.getBuiltinModule(id) as unknown;
  if (!isObject(exports)) return found;
  if (typeof exports === 'function') found.set(exports, { type: 'built-in', module: id, path: [] });
  addMembers(found, id, [], exports);
  return found;
}

function indexOf(id: string): Map<object, BuiltInEntry> {
  let found = indexes.get(id);
  if (found === undefined) {
    found = id === '' ? indexGlobals() : indexModule(id);
    indexes.set(id, found);
  }
  return found;
}

/** Whether an object, which looks like a plain one, is a namespace of the language. */
export const isBuiltInNamespace = (object: object): boolean =>
  Object.hasOwn(object, Symbol.toStringTag) && STATELESS.some((name) => peek(globalThis, name) === object);

/** The public modules of Node that are loaded already: what somebody holds in his hands comes from one of them. */
function loadedModules(): string[] {
  const list = (process as unknown as { moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
  const isPublic = new Set(builtinModules.filter((id) => !id.startsWith('_')));
  return list.flatMap((line) => {
    const id = line.startsWith('NativeModule ') ? line.slice('NativeModule '.length) : '';
    return isPublic.has(id) ? [`node:${id}`] : [];
  });
}

/** @param url - where the inspector says that the function is written, if it says so */
export function findBuiltIn(value: object, url = ''): BuiltInEntry | undefined {
  const name = peek(value, 'name');
  if (typeof name === 'string' && name !== '' && peekGlobal(name) === value) {
    return { type: 'built-in', module: '', path: [name] };
  }
  const home = url.startsWith('node:') && builtinModules.includes(url.slice('node:'.length)) ? [url] : [];
  for (const id of ['', ...home, ...loadedModules()]) {
    const entry = indexOf(id).get(value);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** @returns undefined if this version of Node does not have it */
export function getBuiltIn({ module, path }: BuiltInEntry): object | undefined {
  let value: unknown = module === '' ? globalThis : process.getBuiltinModule(module);
  path.forEach((name, i) => {
    if (module === '' && i === 0) value = peekGlobal(name);
    else value = isObject(value) ? peek(value, name) : undefined;
  });
  return isObject(value) ? value : undefined;
}
