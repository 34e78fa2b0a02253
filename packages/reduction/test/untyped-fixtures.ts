/** The fixtures that are no TypeScript, with types. */

interface Maths {
  readonly double: (x: number) => number;
  readonly later: (x: number) => Promise<number>;
  readonly square: (x: number) => number;
  readonly cube: (x: number) => number;
  readonly ops: { readonly add: (a: number, b: number) => number; readonly subtract: (a: number, b: number) => number };
  readonly Calculator: (new () => object) & { readonly half: (x: number) => number };
  readonly negate: (x: number) => number;
  readonly default: (x: number) => string;
  readonly count: (to: number) => Generator<number>;
  readonly six: (x: number) => number;
  readonly notExported: () => (x: number) => number;
  readonly closure: (by: number) => (x: number) => number;
  readonly scale: (factor: number, x: number) => number;
}

interface Legacy {
  readonly triple: (x: number) => number;
  readonly ops: { readonly add: (a: number, b: number) => number };
  readonly Point: new (x: number) => { x: number; readonly twice: number };
}

const load = (name: string): Promise<unknown> => import(new URL(`./fixtures/${name}`, import.meta.url).href);

export const maths = (await load('maths.mjs')) as Maths;
export const legacy = ((await load('legacy.cjs')) as { readonly default: Legacy }).default;
export const alone = ((await load('legacy-function.cjs')) as { readonly default: (x: unknown) => string }).default;
