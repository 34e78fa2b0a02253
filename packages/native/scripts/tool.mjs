/** Programs that have to be there before anything is built. */
import { spawnSync } from 'node:child_process';

/** Fails with one sentence when the program cannot be run. */
export function requireTool(command, purpose, cure) {
  const { error, status } = spawnSync(command, ['--version'], { stdio: 'ignore' });
  if (error || status !== 0) throw new Error(`${command} was not found; it is needed ${purpose}. ${cure}`);
}

/** Runs a program and passes its output on; fails with its exit code. */
export function run(command, args, options = {}) {
  const { error, status, signal } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} failed with ${signal ?? `exit code ${status}`}`);
}

/** Runs a program and returns what it prints. */
export function outputOf(command, args) {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) throw new Error(`${command} could not be run (${error.message})`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
