/** The fixtures that are no TypeScript, with types. */

type Triple = (x: number) => number;

interface Script {
  readonly triple: Triple;
  readonly default: { readonly triple: Triple };
  readonly tools: { readonly triple: Triple };
}

const load = (name: string): Promise<unknown> => import(new URL(`./fixtures/modules/${name}`, import.meta.url).href);

export const script = (await load('script.mjs')) as Script;
export const legacy = ((await load('legacy.cjs')) as { readonly default: { readonly triple: Triple } }).default;
