import type { StartMethod } from './start-method.ts';

/**
 * The start method that a spawned child takes over from its parent, if it has begun without this package: it leaves a
 * note for whoever is loaded later. (See child/plain.ts of @mp/process.)
 */
export function methodOfThisChild(): StartMethod | undefined {
  const note: unknown = Reflect.get(process, Symbol.for('@mp/child'));
  return (note as { readonly startMethod: StartMethod } | undefined)?.startMethod;
}
