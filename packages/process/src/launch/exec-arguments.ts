/** Options of `node` that belong to one process or one kind of program, and must not be handed on. */
const NOT_FOR_CHILDREN = [
  // What to run instead of our entry.
  /^(-e|--eval|-p|--print|-pe|-i|--interactive|-c|--check|-)$/,
  /^--(eval|print|input-type|build-snapshot|build-sea|run|test|watch)\b/,
  // The port is taken by this process; a child can open its own inspector.
  /^--(inspect|inspect-brk|inspect-wait|inspect-port|debug-port)\b/,
  // Files would be written over.
  /^--(cpu-prof|heap-prof)$/,
];

/** Those of them whose value is the next argument. */
const TAKES_NEXT = /^(-e|--eval|-p|--print|-pe|--input-type|--run)$/;

/** Node's own options for a child: those of this process, without what only makes sense for it. */
export function childExecArguments(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const argument = execArgv[i] as string;
    if (!NOT_FOR_CHILDREN.some((pattern) => pattern.test(argument))) kept.push(argument);
    else if (TAKES_NEXT.test(argument)) i++;
  }
  return kept;
}
