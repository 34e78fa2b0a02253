/**
 * A program that embeds Node says which executable its children are to run.
 *
 * From: Python docs, multiprocessing.set_executable (row 17)
 * Look at: the child is started by what was set, here a script that starts Node in its turn. A file that is not there is an
 *   error of `start()`, with no child left.
 *
 * Prints:
 *     default: the one that we run
 *     StartError
 *     the child was started by: our own program
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getExecutable, isMainModule, Process, StartError, setExecutable } from '@mp/multiprocessing';

export function whoRunsUs(): void {
  console.log(`the child was started by: ${process.env.STARTED_BY}`);
}

/** What embeds Node: it gets the arguments that Node would get. */
const SCRIPT = `#!/bin/sh
STARTED_BY='our own program' exec '${process.execPath}' "$@"
`;

if (isMainModule(import.meta)) {
  console.log(getExecutable() === process.execPath ? 'default: the one that we run' : getExecutable());

  setExecutable('/nowhere/node');
  try {
    await new Process({ target: whoRunsUs }).start();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.log(error.name);
  }

  const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
  try {
    const executable = join(folder, 'our-program');
    writeFileSync(executable, SCRIPT, { mode: 0o755 });
    setExecutable(executable);
    const child = new Process({ target: whoRunsUs });
    await child.start();
    await child.join();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
