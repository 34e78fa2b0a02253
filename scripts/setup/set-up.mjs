import { fileURLToPath } from 'node:url';
import { native } from './native.mjs';
import { SetupError, say } from './say.mjs';
import { toolchain } from './toolchain.mjs';
import { workspace } from './workspace.mjs';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * Makes a fresh clone ready to work: a toolchain of its own, the dependencies, the native addon. What is ready already is
 * left alone, and nothing is said about it.
 *
 * @returns the toolchain
 */
export async function setUp({ withNative = true } = {}) {
  const tools = await toolchain(root);
  await workspace(root, tools);
  if (withNative) await native(root, tools);
  return tools;
}

/** Runs a command of this repository; what goes wrong while setting up is a sentence and not a stack. */
export async function command(work) {
  try {
    await work(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
