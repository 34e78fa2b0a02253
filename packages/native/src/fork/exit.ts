/**
 * How a forked process ends: by `_exit(2)`. Node's own way out joins threads that were never in this process.
 *
 *     the loop is empty      process.exit()    ─┐
 *     process.exit(code)     emits 'exit'      ─┼▶ listeners of the child, then _exit
 *     an uncaught error      emits 'exit'      ─┘  (the error is printed first, as Node would do after it)
 *     process.reallyExit(code)                  ─▶ _exit
 *     a signal, process.abort()                    as everywhere
 *
 * @module
 */
import { addon } from '../addon.ts';

let uncaught: { readonly error: unknown } | undefined;
let installed = false;

/** In the child, once; its own children inherit it. */
export function exitWithoutNode(): void {
  uncaught = undefined;
  process.on('uncaughtExceptionMonitor', onUncaught);
  if (installed) return;
  installed = true;
  const emit = process.emit as (this: NodeJS.Process, event: string | symbol, ...args: unknown[]) => boolean;
  const emitOrExit = function (this: NodeJS.Process, event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'beforeExit') {
      const heard = emit.call(this, event, ...args);
      const begun = addon().isLoopBusy();
      // Nobody could have begun anything.
      if (!heard && !begun) exit();
      setImmediate(endIfIdle, begun);
      return heard;
    }
    // Whoever kept the parent's `process.send` sends to nobody.
    if (event === 'error' && (args[0] as { code?: unknown } | null)?.code === 'ERR_IPC_CHANNEL_CLOSED') return true;
    if (event !== 'exit') return emit.call(this, event, ...args);
    try {
      emit.call(this, event, ...args);
    } catch (error) {
      // Others may want to report it.
      emit.call(this, 'uncaughtExceptionMonitor', error, 'uncaughtException');
      uncaught = { error };
      process.exitCode = 1;
    }
    return end(process.exitCode ?? args[0]);
  };
  process.emit = emitOrExit as typeof process.emit;
  // Test runners replace it in the parent, by one that refuses.
  process.exit = exit;
  (process as unknown as { reallyExit: (code?: unknown) => never }).reallyExit = (code) => end(code);
}

/**
 * The loop was empty, and there were listeners of 'beforeExit', who had their chance to begin something. Node must not
 * get to the point where it finds the parent's main module, whose top-level await has not ended and never will.
 */
function endIfIdle(begun: boolean): void {
  // Done or not, Node comes back with the same event.
  if (begun) return;
  if (!addon().isLoopBusy() && !process.getActiveResourcesInfo().includes('Immediate')) exit();
}

/** As Node's own. */
function exit(...code: readonly [(number | string | null)?]): never {
  if (code.length > 0) process.exitCode = code[0] ?? undefined;
  const state = process as unknown as { _exiting?: boolean };
  if (!state._exiting) {
    state._exiting = true;
    process.emit('exit', Number(process.exitCode ?? 0));
  }
  return end(process.exitCode);
}

function onUncaught(error: unknown): void {
  // Somebody takes care of it, and the process goes on.
  if (process.listenerCount('uncaughtException') === 0) uncaught = { error };
}

function end(code: unknown): never {
  if (uncaught !== undefined) print(uncaught.error);
  return addon().exitNow(Number(code) | 0);
}

function print(error: unknown): void {
  const { inspect } = process.getBuiltinModule('node:util');
  let text: string;
  try {
    text = inspect(error);
  } catch {
    text = inspect(error, { customInspect: false, getters: false });
  }
  try {
    process.getBuiltinModule('node:fs').writeSync(2, `${text}\n\nNode.js ${process.version}\n`);
  } catch {
    // There is no standard error, or nobody reads it.
  }
}
