import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type InlineProgram, writeInlineProgram } from './inline-program.ts';
import { Output } from './output.ts';

/** A file (path or `file:` URL), or TypeScript code that imports as if it stood in the `test` folder of the package. */
export type NodeProgram = string | URL | { readonly code: string };

/** How {@link startNode} and {@link nodeChild} run a program. */
export interface NodeOptions {
  /** Arguments of the program. */
  readonly args?: readonly string[] | undefined;
  /** Arguments of Node, beside those that let it run our sources. */
  readonly execArgv?: readonly string[] | undefined;
  /** On top of the environment of this process; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: that of this process. */
  readonly cwd?: string | undefined;
  /** What the program reads on its standard input. Default: nothing; the input is at its end at once. */
  readonly input?: string | undefined;
  /** Descriptors of this process that it gets, as its descriptors 3, 4, and so on. They stay open here. */
  readonly descriptors?: readonly number[] | undefined;
  /** Milliseconds after which it is killed, and {@link RunningNode.ended} rejects. Default: 60000. */
  readonly limit?: number | undefined;
  /** The Node to run it with. Default: the one that runs the tests. */
  readonly node?: string | undefined;
}

/** How a program ended, and everything that it wrote. */
export interface NodeResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code, or `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Node with the conditions under which `@mp/*` means the sources, and quiet about running TypeScript. */
const SOURCE_ARGUMENTS = ['--conditions=@mp/source', '--disable-warning=ExperimentalWarning'];

/** What the test runner sets for itself, and what would colour the text that a test compares. */
const NOT_INHERITED = [
  'FORCE_COLOR',
  'NO_COLOR',
  'FORCE_TTY',
  'VITEST',
  'VITEST_MODE',
  'VITEST_POOL_ID',
  'VITEST_WORKER_ID',
];

/** A Node program that was started; made by {@link startNode}. */
export class RunningNode {
  /** Undefined when there is no such program as the Node that was asked for; {@link ended} then rejects. */
  readonly pid: number | undefined;
  /**
   * When it has ended and everything that it wrote has arrived. An exit code other than 0 is no error here, for it is
   * often what is being tested; running longer than its limit is one, and the error has what it had written so far.
   */
  readonly ended: Promise<NodeResult>;
  readonly #child: ChildProcess;
  readonly #stdout: Output;
  readonly #stderr: Output;

  /** @internal */
  constructor(child: ChildProcess, stdout: Output, stderr: Output, ended: Promise<NodeResult>) {
    this.pid = child.pid;
    this.#child = child;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.ended = ended;
  }

  /** What it has written to its standard output so far. */
  get stdout(): string {
    return this.#stdout.text;
  }

  /** What it has written to its standard error so far. */
  get stderr(): string {
    return this.#stderr.text;
  }

  /**
   * Waits until it has written something to its standard output that matches, now or earlier.
   *
   * @throws Error with everything that it wrote when it ends, or reaches its limit, without having said so
   */
  says(pattern: RegExp | string): Promise<RegExpExecArray> {
    const expression = typeof pattern === 'string' ? literal(pattern) : pattern;
    const ended = this.ended.then((result) => {
      const last = expression.exec(result.stdout);
      if (last !== null) return last;
      throw new Error(`The program ended without saying ${pattern}: ${describe(result)}`);
    });
    return this.#stdout.match(expression, ended as Promise<never>);
  }

  /** Sends a signal to it, and to nobody else. False when it has ended already. Default: SIGKILL. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): boolean {
    return this.#child.kill(signal);
  }
}

/** `RegExp.escape` comes with Node 24 only. */
const literal = (text: string): RegExp => new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));

function describe(result: NodeResult): string {
  const end = result.signal === null ? `exit code ${result.code}` : `ended by ${result.signal}`;
  return `${end}\n--- stdout ---\n${result.stdout}\n--- stderr ---\n${result.stderr}`;
}

function pathOf(program: string | URL): string {
  const isUrl = program instanceof URL || program.startsWith('file:');
  return isUrl ? fileURLToPath(program) : (program as string);
}

function environment(changes: NodeOptions['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of NOT_INHERITED) delete env[name];
  for (const [name, value] of Object.entries(changes ?? {})) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

/** Follows the child to its end, and kills it when that takes too long. */
function follow(child: ChildProcess, stdout: Output, stderr: Output, limit: number): Promise<NodeResult> {
  const { promise, resolve, reject } = Promise.withResolvers<NodeResult>();
  const soFar = (): NodeResult => ({
    stdout: stdout.text,
    stderr: stderr.text,
    code: child.exitCode,
    signal: child.signalCode,
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      return;
    }
    // Somebody else holds the other end of its output, and it would never close.
    child.stdout?.destroy();
    child.stderr?.destroy();
    const what = `it ended (process ${child.pid}), but its output is held open by a process that it left behind`;
    reject(new Error(`The program was to be over after ${limit} ms; ${what}: ${describe(soFar())}`));
  }, limit);
  child.once('error', (error) => {
    clearTimeout(timer);
    reject(error);
  });
  child.once('exit', () => {
    if (!late) return;
    child.stdout?.destroy();
    child.stderr?.destroy();
    reject(new Error(`The program was to be over after ${limit} ms and was killed: ${describe(soFar())}`));
  });
  child.once('close', () => {
    clearTimeout(timer);
    resolve(soFar());
  });
  return promise;
}

/**
 * Starts a Node program from its TypeScript sources, as a process of its own, without any channel but its standard
 * streams, so that it behaves as a user's program does. It cannot outlive its limit.
 *
 * @example
 * ```ts
 * const child = startNode({ code: `console.log('ready'); setInterval(() => {}, 1000);` });
 * await child.says('ready');
 * child.kill('SIGTERM');
 * expect((await child.ended).signal).toBe('SIGTERM');
 * ```
 */
export function startNode(program: NodeProgram, options: NodeOptions = {}): RunningNode {
  const { args = [], execArgv = [], cwd = process.cwd(), input = '', descriptors = [], limit = 60_000 } = options;
  const isCode = typeof program === 'object' && 'code' in program;
  const inline: InlineProgram | undefined = isCode ? writeInlineProgram(program.code) : undefined;
  const path = isCode ? (inline as InlineProgram).path : pathOf(program);
  const child = spawn(options.node ?? process.execPath, [...SOURCE_ARGUMENTS, ...execArgv, path, ...args], {
    cwd,
    env: environment(options.env),
    stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
  });
  const [stdin, out, err] = child.stdio;
  if (stdin === null || out === null || err === null) throw new Error('The child has no standard streams');
  // A program that ends without reading its input is no failure of the test.
  stdin.on('error', () => {});
  stdin.end(input);
  const stdout = new Output(out);
  const stderr = new Output(err);
  const ended = follow(child, stdout, stderr, limit).finally(() => inline?.[Symbol.dispose]());
  // Whoever waits hears of it; one who only kills the child need not.
  ended.catch(() => {});
  return new RunningNode(child, stdout, stderr, ended);
}

/**
 * Runs a Node program to its end and returns what it wrote and how it ended; see {@link startNode}.
 *
 * @throws Error with what it has written so far when it runs longer than `limit`; it is killed then, and only it
 *
 * @example
 * ```ts
 * const { stdout, code } = await nodeChild(new URL('./fixtures/hello.ts', import.meta.url), { args: ['bob'] });
 * ```
 */
export function nodeChild(program: NodeProgram, options: NodeOptions = {}): Promise<NodeResult> {
  return startNode(program, options).ended;
}
