import { expect, test } from 'vitest';
import { dumps, loadsSync, Pickler, Unpickler } from '../src/index.ts';
import { Labelled, Point, Registry, ShapeError, Stack, Tags } from './fixtures/shapes.ts';
import { fuzzSeconds, Random, seed } from './random.ts';
import { difference } from './same.ts';
import { samples } from './samples.ts';

const small = samples.filter(({ name }) => !/[0-9]0,000/.test(name) && !name.includes('a large'));

/** Graphs of everything: with shared objects, cycles through whatever can contain something, and odd primitives. */
class Generator {
  readonly #random: Random;
  readonly #objects: object[] = [];
  #left: number;

  constructor(random: Random, size: number) {
    this.#random = random;
    this.#left = size;
  }

  value(): unknown {
    const random = this.#random;
    if (this.#objects.length > 0 && random.chance(0.15)) return random.pick(this.#objects);
    if (this.#left-- <= 0 || random.chance(0.3)) return this.#primitive();
    if (random.chance(0.2)) return this.#keep(random.pick(small).make());
    return this.#container();
  }

  #keep<T>(value: T): T {
    if (typeof value === 'object' && value !== null) this.#objects.push(value);
    return value;
  }

  #primitive(): unknown {
    const random = this.#random;
    const make = random.pick([
      () => random.below(1000) - 500,
      () => (random.next() - 0.5) * 10 ** random.below(40),
      () => random.pick([-0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, -32, -33]),
      () => this.#text(),
      () => random.pick([true, false, null, undefined]),
      () => BigInt(random.below(2 ** 31)) ** BigInt(random.below(9)) * (random.chance(0.5) ? 1n : -1n),
      () => Symbol.for(this.#text()),
    ]);
    return make();
  }

  #text(): string {
    const random = this.#random;
    const alphabet = random.pick(['abc', 'aé', '漢字x', '😀a', 'ab\ud800', '\0"\\']);
    return Array.from(
      { length: random.below(random.chance(0.1) ? 200 : 12) },
      () => alphabet[random.below(alphabet.length)],
    ).join('');
  }

  #container(): unknown {
    const random = this.#random;
    const times = random.below(6);
    const fill = (add: () => void): void => {
      for (let i = 0; i < times; i++) add();
    };
    const fields = <T extends object>(object: T): T => {
      fill(() =>
        Object.assign(object, { [random.chance(0.9) ? `k${this.#text()}` : Symbol.for(this.#text())]: this.value() }),
      );
      return object;
    };
    const make = random.pick<() => unknown>([
      () => fields(this.#keep({})),
      () => fields(this.#keep(Object.create(null) as object)),
      () => fields(this.#keep(new Point(random.below(9), 1))),
      () => fields(this.#keep(new Labelled(1, random.below(9)))),
      () => fields(this.#keep(new ShapeError(this.#text()))),
      () => {
        const array: unknown[] = this.#keep(random.chance(0.8) ? [] : new Stack());
        fill(() => array.push(this.value()));
        if (random.chance(0.1)) array.length += 1 + random.below(100);
        return array;
      },
      () =>
        this.#keep(
          Array.from({ length: random.below(150) }, () =>
            random.chance(0.5) ? random.below(100) : random.below(100) / 8,
          ),
        ),
      () => {
        const map: Map<unknown, unknown> = this.#keep(random.chance(0.8) ? new Map() : new Registry());
        fill(() => map.set(this.value(), this.value()));
        return map;
      },
      () => {
        const set: Set<unknown> = this.#keep(random.chance(0.8) ? new Set() : new Tags());
        fill(() => set.add(this.value()));
        return set;
      },
      () => {
        const memory = this.#keep(new Uint8Array(64).map((_, i) => i).buffer);
        return [1, 2, 3].slice(random.below(3)).map((i) => this.#keep(new Int16Array(memory, 2 * i, 8 * i)));
      },
    ]);
    return make();
  }
}

test(
  'random values arrive as what they were, with the same objects in the same places',
  () => {
    const start = seed();
    const limit = fuzzSeconds();
    const end = limit === undefined ? 0 : performance.now() + limit * 1000;
    const pickler = new Pickler({ outOfBand: 64 });
    const unpickler = new Unpickler();
    for (let i = 0; limit === undefined ? i < 1000 : performance.now() < end; i++) {
      const value = new Generator(new Random(start + i), 5 + (i % 200)).value();
      expect(difference(value, loadsSync(dumps(value))), `seed ${start + i}`).toBeUndefined();
      const { bytes, start: from, end: to, buffers } = pickler.pickle(value).detach();
      const arrived = unpickler.finish({ bytes, start: from, end: to, buffers });
      expect(difference(value, arrived), `seed ${start + i}, out of band`).toBeUndefined();
    }
  },
  (fuzzSeconds() ?? 0) * 1000 + 60_000,
);
