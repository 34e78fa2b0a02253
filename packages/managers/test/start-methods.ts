import { getAllStartMethods, getContext, type StartMethod } from '@mp/context';
import { Process } from '@mp/process';
import { doNothing } from './fixtures/workers.ts';

/** The start methods that have to behave as these tests say: all that there are. `describe.each(startMethods)`. */
export const startMethods: readonly StartMethod[] = getAllStartMethods();

// Its server stays until the test file ends; what is there before a test is no leak of it.
if (startMethods.includes('forkserver')) {
  const child = new Process({ target: doNothing, context: getContext('forkserver') });
  await child.start();
  await child.join();
  child.close();
}
