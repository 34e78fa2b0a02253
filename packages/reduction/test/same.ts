import { types } from 'node:util';

/**
 * Whether two values are the same in everything that pickling promises to keep: types, contents, prototypes, own
 * enumerable properties, and which objects are one and the same.
 *
 * @returns where they differ, or undefined
 */
export function difference(a: unknown, b: unknown): string | undefined {
  return compare(a, b, new Map(), new Map(), 'value');
}

type Pairs = Map<object, object>;

function compare(a: unknown, b: unknown, there: Pairs, back: Pairs, at: string): string | undefined {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) {
    return Object.is(a, b) ? undefined : `${at}: ${show(a)} and ${show(b)}`;
  }
  if (there.has(a) || back.has(b)) {
    return there.get(a) === b && back.get(b) === a ? undefined : `${at}: not the same objects as elsewhere`;
  }
  there.set(a, b);
  back.set(b, a);
  const next = (x: unknown, y: unknown, step: string) => compare(x, y, there, back, `${at}${step}`);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${at}: different prototypes`;
  for (const [what, x, y] of inside(a, b)) {
    const found = next(x, y, `<${what}>`);
    if (found !== undefined) return found;
  }
  if (types.isTypedArray(a)) return undefined;
  const keys = Reflect.ownKeys(a).filter((key) => isCompared(a, key));
  const others = Reflect.ownKeys(b).filter((key) => isCompared(b, key));
  if (keys.length !== others.length) return `${at}: keys ${keys.map(String)} and ${others.map(String)}`;
  for (const [i, key] of keys.entries()) {
    if (!(types.isNativeError(a) ? others.includes(key) : others[i] === key)) return `${at}: no key ${String(key)}`;
    const enumerable = Object.getOwnPropertyDescriptor(a, key)?.enumerable;
    if (enumerable !== Object.getOwnPropertyDescriptor(b, key)?.enumerable)
      return `${at}: enumerability of ${String(key)}`;
    const found = next(Reflect.get(a, key), Reflect.get(b, key), `.${String(key)}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isCompared(object: object, key: string | symbol): boolean {
  return (
    types.isNativeError(object) ||
    Object.prototype.propertyIsEnumerable.call(object, key) ||
    key === 'length' ||
    key === 'raw'
  );
}

/** What is not in the own properties. */
function inside(a: object, b: object): [string, unknown, unknown][] {
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return [['kind', kind, kindOf(b)]];
  if (types.isMap(a)) {
    const [x, y] = [[...a], [...(b as typeof a)]];
    return [
      ['size', x.length, y.length],
      ...x.flatMap(([key, value], i): [string, unknown, unknown][] => [
        [`key ${i}`, key, y[i]?.[0]],
        [`of key ${i}`, value, y[i]?.[1]],
      ]),
    ];
  }
  if (types.isSet(a)) {
    const [x, y] = [[...a], [...(b as typeof a)]];
    return [
      ['size', x.length, y.length],
      ...x.map((member, i): [string, unknown, unknown] => [`member ${i}`, member, y[i]]),
    ];
  }
  if (types.isDate(a)) return [['time', a.getTime(), (b as Date).getTime()]];
  if (types.isRegExp(a)) {
    const other = b as RegExp;
    return [
      ['source', a.source, other.source],
      ['flags', a.flags, other.flags],
      ['lastIndex', a.lastIndex, other.lastIndex],
    ];
  }
  if (types.isBoxedPrimitive(a)) return [['primitive', a.valueOf(), b.valueOf()]];
  if (types.isArrayBuffer(a)) {
    const other = b as ArrayBuffer;
    return [
      ['bytes', hex(a), hex(other)],
      ['maxByteLength', a.maxByteLength, other.maxByteLength],
    ];
  }
  if (ArrayBuffer.isView(a)) {
    const other = b as ArrayBufferView;
    return [
      ['length', a.byteLength, other.byteLength],
      ['bytes', hex(a.buffer, a.byteOffset, a.byteLength), hex(other.buffer, other.byteOffset, other.byteLength)],
      // The memory is the same one where it is the same one there; offsets may be counted from elsewhere.
      ['resizable', (a.buffer as ArrayBuffer).resizable, (other.buffer as ArrayBuffer).resizable],
    ];
  }
  if (a instanceof URL || a instanceof URLSearchParams) return [['text', a.toString(), b.toString()]];
  if (a instanceof DOMException) {
    const other = b as DOMException;
    return [
      ['name', a.name, other.name],
      ['message', a.message, other.message],
      ['code', a.code, other.code],
    ];
  }
  return [];
}

const hex = (memory: ArrayBufferLike, start = 0, length = memory.byteLength): string =>
  Buffer.from(memory, start, length).toString('hex');

const kindOf = (object: object): string => {
  if (types.isTypedArray(object)) return object[Symbol.toStringTag];
  for (const [name, test] of Object.entries(types)) {
    if (!/^is(Map|Set|Date|RegExp|BoxedPrimitive|ArrayBuffer|DataView|NativeError|Promise)$/.test(name)) continue;
    if ((test as (value: unknown) => boolean)(object)) return name;
  }
  return Array.isArray(object) ? 'array' : 'object';
};

function show(value: unknown): string {
  try {
    return typeof value === 'object' ? Object.prototype.toString.call(value) : `${typeof value} ${String(value)}`;
  } catch {
    return 'something';
  }
}
