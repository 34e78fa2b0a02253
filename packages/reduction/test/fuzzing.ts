import { callable, dumps, loads, loadsSync, UnpicklingError } from '../src/index.ts';
import { Money, Unnamed } from './fixtures/registering.ts';
import { Labelled, Pixels, Point, Registry, ShapeError } from './fixtures/shapes.ts';
import type { Random } from './random.ts';
import { difference } from './same.ts';
import { samples } from './samples.ts';
import { maths } from './untyped-fixtures.ts';

/** Corrupt messages, and what must be true whatever they are. Used in this process and in a child. */

function corpus(): Uint8Array[] {
  const shared = { shared: [1] };
  let deep: unknown = 'bottom';
  for (let i = 0; i < 250; i++) deep = i % 2 === 0 ? [deep] : { deep };
  const values: unknown[] = [
    ...samples.filter(({ name }) => !name.includes('70,000')).map(({ make }) => make()),
    [shared, shared, new Map([[shared, shared]])],
    deep,
    maths.double,
    [callable(maths.scale, 2), parseInt, Math, Point],
    [new Point(1, 2), Object.assign(new Labelled(1, 2), { child: new Labelled(3, 4) })],
    Object.assign(new Registry([['a', new Set([1])]]), { owner: shared }),
    Pixels.from([1, 2, 3]),
    new ShapeError('E'),
    [new Money(5), new Unnamed().set(7)],
    { a: 1, b: 'two', c: [true, null, { d: 4.5 }], e: 'text of more than thirty-two characters' },
    Array.from({ length: 50 }, (_, i) => ({ id: i, name: `name ${i}`, 'a key': [i] })),
  ];
  return values.map((value) => dumps(value));
}

/** Tokens and numbers at which something changes. */
const TELLING: readonly number[] = [
  ...Array.from({ length: 30 }, (_, i) => i),
  ...[0x1f, 0x20, 0x47, 0x50, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xe0, 0xff],
  ...Array.from({ length: 0x20 }, (_, i) => 0xc0 + i),
  // The extension types that msgpackr knows of.
  ...[0x42, 0x62, 0x65, 0x69, 0x70, 0x72, 0x72, 0x72, 0x73, 0x74, 0x78],
];

function mutate(random: Random, messages: readonly Uint8Array[]): Uint8Array {
  let bytes = Uint8Array.from(random.pick(messages));
  if (random.chance(0.02)) return Uint8Array.from({ length: random.below(200) }, () => random.below(256));
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(bytes.length);
    switch (random.below(8)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        bytes[at] = random.below(256);
        break;
      case 2:
      case 3:
        bytes[at] = random.pick(TELLING);
        break;
      case 4:
        bytes = bytes.slice(0, at);
        break;
      case 5: {
        const other = random.pick(messages);
        const from = random.below(other.length);
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...other.subarray(from, from + random.below(300))]);
        break;
      }
      case 6:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + random.below(8))]);
        break;
      default:
        bytes = Uint8Array.from([
          ...bytes.subarray(0, at),
          random.pick(TELLING),
          random.pick(TELLING),
          ...bytes.subarray(at),
        ]);
    }
  }
  return bytes;
}

const CANARY = { text: 'canary', ключ: ['é', { 'a key': new Map([[1, Buffer.from('b')]]) }], key: [-0, undefined] };
const PROTOTYPES = [Object, Array, Function, Map, Set, Error, Buffer, String, Number, Promise].map(
  (Class) => Class.prototype as object,
);
const countProperties = (): number => PROTOTYPES.reduce((sum, prototype) => sum + Reflect.ownKeys(prototype).length, 0);

export interface Outcome {
  readonly messages: number;
  readonly arrived: number;
  readonly refused: number;
}

/**
 * Unpickles corrupt messages until there were enough of them.
 *
 * @throws Error that shows the message, if anything happened but a value or an UnpicklingError
 */
export function fuzz(random: Random, isEnough: (messages: number) => boolean, trusted: boolean): Outcome {
  const messages = corpus();
  const canary = dumps(CANARY);
  const properties = countProperties();
  const globals = Reflect.ownKeys(globalThis).length;
  let [count, arrived, refused] = [0, 0, 0];
  while (!isEnough(count)) {
    const bytes = mutate(random, messages);
    count++;
    try {
      try {
        loadsSync(bytes, { trusted });
        arrived++;
      } catch (error) {
        if (!(error instanceof UnpicklingError)) throw error;
        refused++;
        const found = difference(CANARY, loadsSync(canary));
        if (found !== undefined) throw new Error(`the next message is not what it was: ${found}`);
      }
      if (countProperties() !== properties) throw new Error('a prototype was polluted');
      if (Reflect.ownKeys(globalThis).length !== globals) throw new Error('a global appeared');
    } catch (error) {
      throw new Error(`message ${count}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
    }
  }
  return { messages: count, arrived, refused };
}

/** The same for messages that name modules, through the promise form, which imports what they name. */
export async function fuzzLoading(random: Random, isEnough: (messages: number) => boolean): Promise<Outcome> {
  const messages = [maths.double, [new Point(1, 2), maths.ops.add], new Money(1), new Unnamed(), parseInt].map((v) =>
    dumps(v),
  );
  let [count, arrived, refused] = [0, 0, 0];
  while (!isEnough(count)) {
    const bytes = mutate(random, messages);
    count++;
    try {
      await loads(bytes);
      arrived++;
    } catch (error) {
      if (!(error instanceof UnpicklingError)) {
        throw new Error(`message ${count}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
      }
      refused++;
    }
  }
  return { messages: count, arrived, refused };
}
