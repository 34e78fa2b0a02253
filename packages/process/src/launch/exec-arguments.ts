/** Options of `node` that belong to one process or one kind of program, and must not be handed on. */
const NOT_FOR_CHILDREN: readonly RegExp[] = [
  // What to run instead of our entry.
  /^(-e|-p|-pe|-i|-c|-)$/,
  /^--(eval|print|interactive|check|input-type|build-snapshot|build-sea|run|test|watch)\b/,
  // The port is taken by this process; a child can open its own inspector.
  /^--(inspect|debug-port)\b/,
  // Files would be written over.
  /^--(cpu-prof|heap-prof)\b/,
];

/**
 * Node's own options for a child: those of this process, without what only makes sense for it.
 *
 * The value of an option may stand in an argument of its own, which then does not begin with a dash: Node insists on it.
 */
export function childExecArguments(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const argument = execArgv[i] as string;
    if (!NOT_FOR_CHILDREN.some((pattern) => pattern.test(argument))) kept.push(argument);
    else if (execArgv[i + 1]?.startsWith('-') === false) i++;
  }
  return kept;
}
