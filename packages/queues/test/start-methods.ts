import { getAllStartMethods, type StartMethod } from '@mp/context';
import { startForkServer } from '@mp/process/internal';

/** The start methods that have to behave as these tests say: all that there are. `describe.each(startMethods)`. */
export const startMethods: readonly StartMethod[] = getAllStartMethods();

// Its server stays until the test file ends; what is there before a test is no leak of it.
if (startMethods.includes('forkserver')) startForkServer();
