import type { StartMethod } from '@mp/context';
import { startForkServer } from '@mp/process/internal';

/**
 * The start methods that have to behave as these tests say: `describe.each(startMethods)`. The one place to add another.
 * A part that holds for some of them only filters this list, and says why.
 */
export const startMethods: readonly StartMethod[] = ['spawn', 'fork', 'forkserver'];

/** A forked child has everything that its parent has; nothing is sent to it, so nothing can be refused. */
export const sending: readonly StartMethod[] = startMethods.filter((method) => method !== 'fork');

/** A fork takes a turn of the event loop, so no function can wait for it. */
export const blocking: readonly StartMethod[] = startMethods.filter((method) => method !== 'fork');

// It stays until the test file ends; what is there before a test is no leak of it.
startForkServer();
