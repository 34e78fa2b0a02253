import { getContext, type StartMethod } from '@mp/context';
import { ClosedError } from '@mp/errors';
import { type AnyArguments, Process, type ProcessOptions } from '@mp/process';
import { onTestFinished } from 'vitest';

/** A process that was started, and is ended with the test if it has not ended before. */
export async function running<Params extends AnyArguments>(
  method: StartMethod,
  options: ProcessOptions<Params>,
): Promise<Process<Params>> {
  const child = new Process<Params>({ ...options, context: getContext(method) });
  await child.start();
  onTestFinished(() => end(child));
  return child;
}

/** Whatever becomes of the test, its child is gone afterwards. */
async function end(child: Process<never>): Promise<void> {
  try {
    child.kill();
    await child.join();
    child.close();
  } catch (error) {
    // The test has closed it itself.
    if (!(error instanceof ClosedError)) throw error;
  }
}
