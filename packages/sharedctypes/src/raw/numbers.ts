import { register } from '@mp/reduction';
import { Block } from '@mp/shared-memory/internal';
import type { Memory } from '../types/memory.ts';
import { type Cells, numberScalars, type Scalar } from '../types/scalar.ts';

/**
 * Typed arrays over shared memory: what a RawArray of numbers is.
 *
 * They are true typed arrays, at full speed. Subclasses, because that is how pickling knows them from arrays that are to
 * be copied: a registration is for one class. `subarray` gives another view of the same shared memory; whatever else makes
 * a new array (`slice`, `map`, `filter`) makes an ordinary one.
 */
type Numbers = Uint8Array<ArrayBuffer>;
type NumbersConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => Numbers;
type Reduced = [block: Block, offset: number, length: number];

const classes = new Map<unknown, NumbersConstructor>();

for (const { Cells } of numberScalars) {
  if (!classes.has(Cells)) classes.set(Cells, subclass(Cells as unknown as NumbersConstructor));
}

function subclass(Base: NumbersConstructor): NumbersConstructor {
  const name = `Shared${Base.name}`;
  const Shared = class extends Base {
    static get [Symbol.species](): NumbersConstructor {
      return Base;
    }

    override subarray(begin?: number, end?: number): Numbers {
      const { buffer, byteOffset, length } = super.subarray(begin, end);
      return new Shared(buffer, byteOffset, length);
    }
  };
  Object.defineProperty(Shared, 'name', { value: name });
  register(Shared, {
    name: `@mp/sharedctypes/${name}`,
    module: import.meta.url,
    reduce: (numbers): Reduced => {
      const block = Block.of(numbers.buffer);
      if (block !== undefined) return [block, numbers.byteOffset, numbers.length];
      throw new TypeError(`this ${name} has no shared memory: only RawArray makes one that has`);
    },
    rebuild: ([block, offset, length]: Reduced): Numbers => new Shared(block.buffer, offset, length),
  });
  return Shared;
}

export function sharedNumbers(memory: Memory, { Cells }: Scalar, offset: number, length: number): Cells {
  const Shared = classes.get(Cells)!;
  return new Shared(memory.block.buffer, offset, length) as unknown as Cells;
}

/** The kind of numbers in a typed array that {@link sharedNumbers} has made; undefined for any other object. */
export function numberKindOf(object: object): Scalar | undefined {
  for (const [Base, Shared] of classes) {
    if (object instanceof Shared) return numberScalars.find(({ Cells }) => Cells === Base);
  }
  return undefined;
}
