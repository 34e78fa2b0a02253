import { getAllStartMethods, type StartMethod } from '@mp/context';

/** The start methods that have to behave as these tests say: all that there are. `describe.each(startMethods)`. */
export const startMethods: readonly StartMethod[] = getAllStartMethods();
