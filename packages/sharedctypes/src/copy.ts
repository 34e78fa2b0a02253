import { Block } from '@mp/shared-memory/internal';
import { numberKindOf, sharedNumbers } from './raw/numbers.ts';
import { RawScalar } from './raw/raw-scalar.ts';
import { StructObject, Structures } from './raw/structures.ts';
import { CharArray, WideCharArray } from './raw/text-array.ts';
import { SynchronizedObject } from './synchronized/synchronized-object.ts';
import { Memory } from './types/memory.ts';
import { scalar } from './types/scalar.ts';

/** What is left when the lock is taken away. */
type Unlocked<T> = T extends SynchronizedObject<infer R> ? R : T;

/**
 * A new object in shared memory of its own with the same contents: what was {@link RawValue} or {@link RawArray}, or a
 * part of it such as a field. Of an object with a lock it copies what is inside, under the lock, and returns that without
 * a lock; {@link synchronized} puts one around it.
 *
 * Python: `multiprocessing.sharedctypes.copy`.
 *
 * @throws TypeError for what is not in shared memory
 *
 * @example
 * ```ts
 * const before = copy(numbers); // stays as it is
 * ```
 */
export function copy<T extends object>(object: T): Unlocked<T> {
  const copied = object instanceof SynchronizedObject ? SynchronizedObject.access(object, copyRaw) : copyRaw(object);
  return copied as Unlocked<T>;
}

function copyRaw(raw: object): object {
  if (raw instanceof RawScalar) {
    const [type, block, offset, wrap] = RawScalar.reduce(raw);
    return new RawScalar(type, copyMemory(block, offset, scalar(type).size), 0, wrap);
  }
  if (raw instanceof StructObject) {
    const [type, block, offset, wrap] = StructObject.reduce(raw);
    return new StructObject(type, copyMemory(block, offset, type.size), 0, wrap);
  }
  if (raw instanceof Structures) {
    const [type, block, offset, wrap, length] = Structures.reduce(raw);
    return new Structures(type, copyMemory(block, offset, length * type.size), 0, length, wrap);
  }
  if (raw instanceof CharArray) {
    const [block, offset, length] = CharArray.reduce(raw);
    return new CharArray(copyMemory(block, offset, length), 0, length);
  }
  if (raw instanceof WideCharArray) {
    const [block, offset, length] = WideCharArray.reduce(raw);
    return new WideCharArray(copyMemory(block, offset, length * 4), 0, length);
  }
  const kind = numberKindOf(raw);
  if (kind === undefined)
    throw new TypeError('Only what RawValue, RawArray, Value and SharedArray have made can be copied');
  const { buffer, byteOffset, byteLength, length } = raw as Float64Array<ArrayBuffer>;
  const block = Block.of(buffer);
  if (block === undefined) throw new TypeError('This array has no shared memory: only RawArray makes one that has');
  return sharedNumbers(copyMemory(block, byteOffset, byteLength), kind, 0, length);
}

function copyMemory(from: Block, offset: number, bytes: number): Memory {
  const memory = Memory.allocate(bytes);
  memory.block.uint8().set(from.uint8().subarray(offset, offset + bytes));
  return memory;
}
