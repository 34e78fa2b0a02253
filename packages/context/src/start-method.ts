import { StartMethodError } from './errors.ts';

/**
 * How a process is started.
 *
 * - `'spawn'`: a fresh `node` that imports what it is to run. It gets what is sent to it and inherits nothing else.
 * - `'fork'`: a copy of the running process, with everything that is in its memory.
 * - `'forkserver'`: a copy of a clean server process that has loaded the modules already.
 */
export type StartMethod = 'spawn' | 'fork' | 'forkserver';

/** Where a fork of Node was proved to work; `ForkError` tells what else may stand against it in a process. */
const FORKS: boolean = process.platform === 'linux' && process.arch === 'x64';

/** The start methods of this platform, the default first. */
export const START_METHODS: readonly StartMethod[] = FORKS ? ['spawn', 'fork', 'forkserver'] : ['spawn'];

/** @throws StartMethodError if it is not one of {@link START_METHODS} */
export function checkStartMethod(method: unknown): StartMethod {
  if ((START_METHODS as readonly unknown[]).includes(method)) return method as StartMethod;
  throw new StartMethodError(
    `There is no start method ${JSON.stringify(method) ?? String(method)} here. There is: ${START_METHODS.join(', ')}.`,
  );
}
