import { Pipe } from '@mp/connection';
import { getContext, type StartMethod } from '@mp/context';
import { EOFError } from '@mp/errors';
import { Process, type ProcessOptions } from '@mp/process';
import { answer } from './fixtures/answer.ts';

/** What an exported function returns in a child of its own. */
export async function inChild<Args extends readonly unknown[], R>(
  method: StartMethod,
  fn: (...args: Args) => R,
  args: Args,
  options: Pick<ProcessOptions, 'name' | 'daemon'> = {},
): Promise<Awaited<R>> {
  const [ours, theirs] = Pipe<Awaited<R>>();
  const child = new Process({ target: answer, args: [theirs, fn, args], context: getContext(method), ...options });
  await child.start();
  theirs.close();
  try {
    return await ours.recv();
  } catch (error) {
    if (!(error instanceof EOFError)) throw error;
    await child.join();
    throw child.error ?? new Error(`The child ended with exit code ${child.exitCode}, and without an answer`);
  } finally {
    await child.join();
    child.close();
    ours.close();
  }
}
