import type { ChildProcess } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Connection, LocalEnd } from '@mp/connection/internal';
import { getExecutable } from '@mp/context';
import { StartError } from '../errors.ts';
import { compileCache } from './compile-cache.ts';
import { childExecArguments } from './exec-arguments.ts';
import { packageLocations } from './package-locations.ts';

/**
 * Starts a fresh `node` with one of our programs, which finds an end of a connection in its descriptors 3 to 6.
 *
 * @throws StartError, whose cause says why
 */
export function startNode(entry: URL, end: Connection, ...more: readonly string[]): ChildProcess {
  const transport = end.transport as LocalEnd;
  transport.countHolder();
  const program = getExecutable();
  // Loaded here, because it takes 2 ms, and most processes start none.
  const { spawn } = process.getBuiltinModule('node:child_process');
  const ours = [fileURLToPath(entry), compileCache(), packageLocations(), ...more];
  const child = spawn(program, [...childExecArguments(), ...ours], {
    // The child's input is empty: two processes reading one terminal would each get half.
    stdio: ['ignore', 'inherit', 'inherit', ...transport.descriptors],
  });
  if (child.pid === undefined) {
    // The event says what happened, one turn of the loop too late for us.
    child.on('error', () => {});
    throw new StartError(`Cannot start ${program}, which was to run a child process.`, {
      cause: reasonWhyNot(program),
    });
  }
  return child;
}

function reasonWhyNot(program: string): unknown {
  try {
    accessSync(program, constants.X_OK);
    if (statSync(program).isDirectory()) {
      return Object.assign(new Error(`EACCES: ${program} is a folder`), { code: 'EACCES', path: program });
    }
    accessSync(process.cwd());
    return new Error('The system refused to start another process: too many of them, or too little memory.');
  } catch (error) {
    return error;
  }
}
