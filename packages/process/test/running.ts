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
  endWithTest(child);
  return child;
}

/** A process that has run to its end. */
export async function ended<Params extends AnyArguments>(
  method: StartMethod,
  options: ProcessOptions<Params>,
): Promise<Process<Params>> {
  const child = await running<Params>(method, options);
  await child.join();
  return child;
}

/** Whatever becomes of the test, its child is gone afterwards. */
export function endWithTest(child: Process): void {
  onTestFinished(async () => {
    try {
      if (child.pid === undefined) return;
      child.kill();
      await child.join();
      child.close();
    } catch (error) {
      // The test has closed it itself.
      if (!(error instanceof ClosedError)) throw error;
    }
  });
}
