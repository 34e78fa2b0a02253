import type { StartMethod } from '@mp/context';
import { startForkServer } from '@mp/process/internal';

/**
 * The start methods that have to behave as these tests say: `describe.each(startMethods)`. The one place to add another.
 * A part that holds for some of them only filters this list, and says why.
 */
export const startMethods: readonly StartMethod[] = ['spawn', 'fork', 'forkserver'];

// It stays until the test file ends; what is there before a test is no leak of it.
startForkServer();
