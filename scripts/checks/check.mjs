import { capture } from '../setup/run.mjs';
import { presentable } from '../setup/say.mjs';

/**
 * What a check is.
 *
 * @typedef {object} Check
 * @property {string} name - by which `--only` selects it
 * @property {string} title - what it promises, in a few words
 * @property {(context: Context) => Promise<string>} run - resolves with a few words on what was found to be right; throws
 *   {@link Failure}
 *
 * @typedef {object} Context
 * @property {string} root - of the repository
 * @property {string} [node] - the version of Node to run the tests of the packages with, if not the usual one
 * @property {(text: string) => void} show - prints more than a line at once, while the check is running
 * @property {{ passed: number, failed: number, skipped: number }} tests - to be counted up by whoever runs tests
 */

/** The check found something; the message is what to show. */
export class Failure extends Error {
  name = 'Failure';
}

/** Runs a program of the workspace and returns its output; throws {@link Failure} with that when it fails. */
export async function program(root, command, args, options = {}) {
  const { ok, output, end } = await capture(command, args, { cwd: root, env: process.env, ...options });
  // Only these two speak of registries; links in the messages of the others are worth reading.
  const shown = command === 'npm' || command === 'pnpm' ? presentable(output) : output.trimEnd();
  if (!ok) throw new Failure(`${shown}\n(${command}: ${end})`);
  return output;
}
