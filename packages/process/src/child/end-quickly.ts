/**
 * At its end, Node takes its heap apart piece by piece, for 1.5 to 2 ms, before the system takes back all of it at once.
 * `process.exit()` leaves that out, and `_exit` also what it does then: it stops the threads of V8 and libuv (0.7 ms).
 *
 * So when the loop of this child is empty and everybody who listens has been told, it ends that way. Who has begun to
 * listen to 'exit' since the loop was empty comes last, and then Node does as it always does.
 */
export function endQuickly(native: {
  readonly countLibraries: () => number;
  readonly exitNow: (code: number) => never;
}): void {
  const { exit } = process;
  const libraries = native.countLibraries();
  // Now, for the user's code may change them.
  const isPromising = !optionsAskForMore();
  let isFailing = false;
  const last = (): void => {
    // Node prints an error that nobody has caught after all that.
    if (isFailing || process.listeners('exit').at(-1) !== last) return;
    if (!isPromising || native.countLibraries() !== libraries || modulesAskForMore()) exit();
    process.getBuiltinModule('node:module').flushCompileCache();
    native.exitNow(Number(process.exitCode ?? 0) & 0xff);
  };
  process.on('beforeExit', () => {
    process.off('exit', last);
    process.on('exit', last);
  });
  process.on('uncaughtExceptionMonitor', () => {
    isFailing = true;
  });
}

/** Options that have nothing to do with how a process ends. With any other one, Node is to end as it does. */
const HARMLESS: RegExp =
  /^(--conditions\b|-C\b|--enable-source-maps$|--disable-warning=|--(no-)?(warnings|deprecation|experimental-(strip-types|transform-types|detect-module|require-module|vm-modules|wasm-modules|import-meta-resolve|sqlite|websocket|eventsource))$|--max-old-space-size=|--max-semi-space-size=|--stack-trace-limit=)/;

/**
 * What `process.exit()` does after the listeners, beyond stopping threads:
 *
 *     coverage, profiles, trace events, V8's logs         are written: options, NODE_V8_COVERAGE, node:trace_events
 *     a debugger                                          is waited for: options; opened at run time: node:inspector
 *     worker threads                                      are stopped in order: node:worker_threads
 *     atexit(3), destructors of C++                       run: other addons, LD_PRELOAD
 *     the compile cache                                   is written; we do that
 */
function optionsAskForMore(): boolean {
  const { LD_PRELOAD, NODE_OPTIONS, NODE_V8_COVERAGE } = process.env;
  if (LD_PRELOAD || NODE_OPTIONS || NODE_V8_COVERAGE) return true;
  return !process.execArgv.every((option) => HARMLESS.test(option));
}

function modulesAskForMore(): boolean {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
  return ENDING.some((name) => moduleLoadList.includes(name));
}

const ENDING = ['trace_events', 'inspector', 'worker_threads'].map((name) => `NativeModule ${name}`);
