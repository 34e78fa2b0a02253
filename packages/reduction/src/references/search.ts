/** Looking for functions among the exports of a module, by identity or by hash, without running getters. */

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** An own data property, or an export of a module namespace (whose properties may not be initialised yet). */
export function peek(object: object, name: string): unknown {
  try {
    return Object.getOwnPropertyDescriptor(object, name)?.value as unknown;
  } catch {
    return undefined;
  }
}

/** Follows a path of names from the exports of a module; undefined if it leads nowhere. */
export function follow(exports: unknown, path: readonly string[]): unknown {
  let value: unknown = exports;
  for (const name of path) {
    if (!isObject(value)) return undefined;
    value = peek(value, name);
  }
  return value;
}

const INHERITED = new Set(['prototype', 'length', 'name', 'arguments', 'caller']);

/** Everything that can be named: exports, and one level deeper the members of objects and the statics of classes. */
export function* candidates(exports: unknown): Generator<{ readonly path: readonly string[]; readonly value: object }> {
  if (!isObject(exports)) return;
  const inner: { path: readonly string[]; value: object }[] = [];
  for (const name of Object.getOwnPropertyNames(exports)) {
    const value = peek(exports, name);
    if (!isObject(value)) continue;
    inner.push({ path: [name], value });
    yield { path: [name], value };
  }
  for (const { path, value } of inner) {
    for (const name of Object.getOwnPropertyNames(value)) {
      if (INHERITED.has(name)) continue;
      const member = peek(value, name);
      if (isObject(member)) yield { path: [...path, name], value: member };
    }
  }
}

/** The path by which exports lead to this very value. */
export function pathTo(exports: unknown, wanted: object): readonly string[] | undefined {
  if (exports === wanted) return [];
  for (const { path, value } of candidates(exports)) if (value === wanted) return path;
  return undefined;
}
