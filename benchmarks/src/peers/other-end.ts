import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const ENTRY = new URL('./child-other-end.js', import.meta.url);

/** Starts a process that runs the function `otherEnd` of a module. If it fails, so do we. */
export function forkOtherEnd(module: string): ChildProcess {
  const child = fork(fileURLToPath(ENTRY), [module], { serialization: 'advanced' });
  child.once('exit', (code, signal) => {
    if (code !== 0) throw new Error(`The forked process has ended by ${signal ?? `exit code ${code}`}.`);
  });
  return child;
}

/** The same in a thread. */
export function startOtherEnd(module: string): Worker {
  return new Worker(ENTRY, { argv: [module] });
}

/** Closes the channel, and waits for the process, which has nothing else to live for. */
export async function endOtherEnd(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}
