import types from 'node:util/types';
import { type Tree, VIEW_TYPES } from '../format.ts';
import { isPooled } from './plain.ts';
import type { Reducer } from './reducer.ts';

type ViewType = (typeof VIEW_TYPES)[number];

const SHARED =
  'is memory that is shared between threads, which another process cannot see. Use @mp/shared-memory, or send a copy (`.slice()`)';
const DETACHED = 'is detached: its memory was transferred elsewhere. Send it before the transfer, or send the copy';

const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object;
const HOMES: ReadonlyMap<string, object> = new Map(
  VIEW_TYPES.flatMap((name) => {
    const type = (globalThis as unknown as Record<string, { prototype: object } | undefined>)[name];
    return type === undefined ? [] : [[name, type.prototype]];
  }),
);

export function reduceView(reducer: Reducer, view: ArrayBufferView): { home: object; tree: Tree; hasFields: boolean } {
  const { buffer } = view;
  if (types.isSharedArrayBuffer(buffer)) reducer.refuse(view, SHARED);
  const memory = buffer as ArrayBuffer;
  if (isDetached(memory)) reducer.refuse(view, DETACHED);
  const { type, home } = typeOf(view);
  const isTracking = memory.resizable && isLengthTracking(view);
  const length = isTracking ? -1 : lengthOf(view);
  const isAlone = type === 'Buffer' && isPooled(view as Buffer);
  return { home, tree: reducer.memory.view(view, type, length, isAlone), hasFields: type === 'DataView' };
}

export function reduceArrayBuffer(reducer: Reducer, memory: ArrayBufferLike): Tree {
  if (types.isSharedArrayBuffer(memory)) return reducer.refuse(memory, SHARED);
  const buffer = memory as ArrayBuffer;
  return isDetached(buffer) ? reducer.refuse(buffer, DETACHED) : reducer.memory.whole(buffer);
}

const isDetached = (memory: ArrayBuffer): boolean => (memory as ArrayBuffer & { detached: boolean }).detached;

const lengthOf = (view: ArrayBufferView): number =>
  types.isTypedArray(view) ? (Reflect.get(TYPED_ARRAY, 'length', view) as number) : view.byteLength;

function typeOf(view: ArrayBufferView): { type: ViewType; home: object } {
  let type: ViewType = 'DataView';
  if (Buffer.isBuffer(view)) type = 'Buffer';
  else if (types.isTypedArray(view)) type = Reflect.get(TYPED_ARRAY, Symbol.toStringTag, view) as ViewType;
  return { type, home: HOMES.get(type) as object };
}

/**
 * Whether a view of a resizable ArrayBuffer grows with it. The language does not say; a clone, resized, shows it.
 * Where it does not show (a view of eight bytes or less on memory that cannot grow) nobody could tell the difference.
 */
function isLengthTracking(view: ArrayBufferView): boolean {
  if (Buffer.isBuffer(view)) return false;
  const clone = structuredClone(view);
  const memory = clone.buffer as ArrayBuffer;
  const before = clone.byteLength;
  if (memory.maxByteLength - memory.byteLength >= 8) {
    memory.resize(memory.byteLength + 8);
    return clone.byteLength !== before;
  }
  memory.resize(Math.max(0, memory.byteLength - 8));
  return clone.byteLength !== before && (clone.byteLength !== 0 || before <= 8);
}
