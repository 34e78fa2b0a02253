import types from 'node:util/types';
import { ESCAPE, Kind, type Tree } from '../format.ts';
import { isBuiltInNamespace } from '../references/built-ins.ts';
import { typeName } from '../words.ts';
import { reduceArray } from './arrays.ts';
import { reduceMap, reduceSet } from './collections.ts';
import { reduceDomException, reduceError } from './errors.ts';
import { reduceFields, reduceProperties, symbolsOf } from './fields.ts';
import { reduceNamespace } from './functions.ts';
import { classReference, reduceInstance, reduceRegistered } from './instances.ts';
import { isHomeElsewhere } from './realms.ts';
import type { Reducer } from './reducer.ts';
import { reduceBoxed, reduceDate, reduceRegExp } from './scalars.ts';
import { reduceArrayBuffer, reduceView } from './views.ts';

/** How an object that the language or Node makes is written, and the prototype it has when nobody derived from it. */
interface BuiltIn {
  readonly home: object;
  readonly tree: Tree;
  /** false: all its own properties are in `tree` already, or are elements */
  readonly hasFields: boolean;
}

/** Objects that are neither arrays nor plain: known by what they are inside, not by their prototype, which anybody may set. */
export function reduceExotic(reducer: Reducer, object: object, prototype: object | null): Tree {
  if (types.isProxy(object)) {
    reducer.refuse(
      object,
      'is a Proxy, whose handler is code of this process. Send the target, or a copy of what it shows',
    );
  }
  if (isBuiltInNamespace(object)) return reduceNamespace(reducer, object);
  const rebuilt = reduceRegistered(reducer, object);
  if (rebuilt !== undefined) return rebuilt;
  const isError = types.isNativeError(object) || object instanceof Error;
  if (isError && !isReal(object, DOMException.prototype, 'code')) return reduceError(reducer, object as Error);
  const builtIn = reduceBuiltIn(reducer, object);
  if (builtIn === undefined) return reduceOrdinary(reducer, object, prototype);
  const { home } = builtIn;
  const isHome = prototype === home || (prototype !== null && isHomeElsewhere(prototype, home));
  const reference = isHome ? null : classReference(reducer, object, prototype, home);
  const fields = builtIn.hasFields ? ownFields(reducer, object) : null;
  return reference === null && fields === null
    ? builtIn.tree
    : [ESCAPE, Kind.Extended, reference, builtIn.tree, fields];
}

function ownFields(reducer: Reducer, object: object): Tree {
  let keys = Object.keys(object);
  if (types.isStringObject(object)) keys = keys.slice(String.prototype.valueOf.call(object).length);
  const symbols = symbolsOf(object);
  return keys.length === 0 && symbols.length === 0 ? null : reduceProperties(reducer, object, keys, symbols);
}

function reduceBuiltIn(reducer: Reducer, object: object): BuiltIn | undefined {
  const made = (home: object, tree: Tree, hasFields = true): BuiltIn => ({ home, tree, hasFields });
  if (Array.isArray(object)) return made(Array.prototype, reduceArray(reducer, object, true), false);
  if (ArrayBuffer.isView(object)) return reduceView(reducer, object);
  if (types.isMap(object)) return made(Map.prototype, reduceMap(reducer, object));
  if (types.isSet(object)) return made(Set.prototype, reduceSet(reducer, object));
  if (types.isDate(object)) return made(Date.prototype, reduceDate(object));
  if (types.isRegExp(object)) return made(RegExp.prototype, reduceRegExp(object));
  if (types.isAnyArrayBuffer(object)) return made(ArrayBuffer.prototype, reduceArrayBuffer(reducer, object));
  if (types.isBoxedPrimitive(object)) return reduceBoxed(reducer, object);
  if (isReal(object, URL.prototype, 'href')) return made(URL.prototype, [ESCAPE, Kind.URL, (object as URL).href]);
  if (isReal(object, URLSearchParams.prototype, 'size')) {
    const query = URLSearchParams.prototype.toString.call(object);
    return made(URLSearchParams.prototype, [ESCAPE, Kind.URLSearchParams, query]);
  }
  if (isReal(object, DOMException.prototype, 'code')) {
    return made(DOMException.prototype, reduceDomException(reducer, object as DOMException), false);
  }
  refuseBuiltIn(reducer, object);
  return undefined;
}

/** The getter of a class of Node refuses every object that the class did not make. */
function isReal(object: object, home: object, getter: string): boolean {
  if (!Object.prototype.isPrototypeOf.call(home, object)) return false;
  try {
    Reflect.get(home, getter, object);
    return true;
  } catch {
    return false;
  }
}

/** An object with nothing inside but its properties. */
function reduceOrdinary(reducer: Reducer, object: object, prototype: object | null): Tree {
  if (prototype !== null && !isHomeElsewhere(prototype, Object.prototype)) {
    return reduceInstance(reducer, object, prototype);
  }
  const fields = reduceFields(reducer, object);
  if (prototype === null) return [ESCAPE, Kind.NullPrototype, fields];
  return Array.isArray(fields) ? [ESCAPE, Kind.Object, fields] : fields;
}

/** What lives inside this process, each with what to do instead. */
const REFUSED: readonly (readonly [(object: object) => boolean, string])[] = [
  [types.isPromise, 'is a Promise, which only this process can settle. Await it and send the result'],
  [types.isWeakMap, 'is a WeakMap, whose entries cannot be listed. Use a Map'],
  [types.isWeakSet, 'is a WeakSet, whose members cannot be listed. Use a Set'],
  [(object) => object instanceof WeakRef, 'is a WeakRef. Send what it refers to'],
  [types.isGeneratorObject, 'is a generator, which is code half-way through. Send an array of what it yields'],
  [types.isMapIterator, 'is an iterator of a Map. Send an array of what it yields'],
  [types.isSetIterator, 'is an iterator of a Set. Send an array of what it yields'],
  [
    types.isModuleNamespaceObject,
    'is the namespace of a module. Import the module on the other side, or send the function that you need',
  ],
  [types.isExternal, 'is a pointer of a native addon, which means nothing in another process'],
  [
    (object) => object === globalThis,
    'is globalThis, which every process has for itself. Use it inside the function that you send',
  ],
  [
    (object) => object === process,
    'is `process`, which every process has for itself. Use it inside the function that you send, or send the fields that you need',
  ],
];

function refuseBuiltIn(reducer: Reducer, object: object): void {
  for (const [matches, why] of REFUSED) if (matches(object)) reducer.refuse(object, why);
  if (typeName(object) === 'MessagePort') {
    reducer.refuse(object, 'is a MessagePort, which reaches the threads of this process only. Use a Pipe or a Queue');
  }
}
