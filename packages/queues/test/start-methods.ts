import type { StartMethod } from '@mp/context';

/**
 * The start methods that have to behave as these tests say: `describe.each(startMethods)`. The one place to add another.
 * A part that holds for some of them only filters this list, and says why.
 */
export const startMethods: readonly StartMethod[] = ['spawn'];
