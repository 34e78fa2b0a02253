/**
 * A program that embeds Node says which executable its children are to run.
 *
 * From: Python docs, multiprocessing.set_executable (row 17)
 * Look at: the child runs what was set, and a file that is not there is an error of `start()`, with no child left.
 *
 * Prints:
 *     default: the one that we run
 *     StartError
 *     the child runs what was set: true
 */
import {
  type Connection,
  getExecutable,
  isMainModule,
  Pipe,
  Process,
  StartError,
  setExecutable,
} from '@mp/multiprocessing';

export async function whoRunsUs(answer: Connection<never, string>): Promise<void> {
  await answer.send(process.execPath);
  answer.close();
}

if (isMainModule(import.meta)) {
  console.log(getExecutable() === process.execPath ? 'default: the one that we run' : getExecutable());

  setExecutable('/nowhere/node');
  const [ours, theirs] = Pipe<string, never>();
  try {
    await new Process({ target: whoRunsUs, args: [theirs] }).start();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.log(error.name);
  }

  setExecutable(process.execPath);
  const child = new Process({ target: whoRunsUs, args: [theirs] });
  await child.start();
  theirs.close();
  console.log(`the child runs what was set: ${(await ours.recv()) === process.execPath}`);
  await child.join();
  ours.close();
}
