/**
 * A function that somebody has typed at the prompt of Node is unknown to workers.
 *
 * From: Python docs, Using a pool of workers: «examples will not work in the interactive interpreter» (row 12)
 * Look at: the answer comes at once, with the name of the function and a cure, and the pool remains available. It is the
 *   same for a program on the standard input, and for `node --eval`. Forked workers have the function, if it has a name
 *   that they know it by.
 * Differs: in Python each worker dies of an AttributeError, is replaced, and nobody ever gets an answer.
 *
 * Prints:
 *     --- node --eval
 *     PicklingError: `fn` cannot be pickled: it is the function `f`, which was made by eval, the REPL or `node -e`: there is no file from which another process could load it. Put it into a module and export it.
 *     --- node < program
 *     PicklingError: `fn` cannot be pickled: it is the function `f`, which was made by eval, the REPL or `node -e`: there is no file from which another process could load it. Put it into a module and export it.
 *     --- node
 *     > const { getContext, Pool, registerFunction } = require('@mp/multiprocessing');
 *     > const pool = new Pool(1);
 *     > const f = (x) => x * x;
 *     > await pool.map(f, [1, 2, 3]).catch(({ name, path }) => [name, path])
 *     [ 'PicklingError', 'fn' ]
 *     > await pool.map(Math.sqrt, [1, 4, 9])
 *     [ 1, 2, 3 ]
 *     > registerFunction('f', f);
 *     > const forked = new (getContext('fork').Pool)(1);
 *     > await forked.map(f, [1, 2, 3])
 *     [ 1, 4, 9 ]
 *     > for (const each of [pool, forked]) { each.close(); await each.join(); }
 *     > .exit
 *     exit code: 0
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isMainModule } from '@mp/multiprocessing';

const PROGRAM = `
  import { Pool } from '@mp/multiprocessing';
  const pool = new Pool(1);
  const f = (x) => x * x;
  await pool.map(f, [1, 2, 3]).catch((error) => console.log(String(error)));
  pool.close();
  await pool.join();
`;

const TYPED = [
  "const { getContext, Pool, registerFunction } = require('@mp/multiprocessing');",
  'const pool = new Pool(1);',
  'const f = (x) => x * x;',
  'await pool.map(f, [1, 2, 3]).catch(({ name, path }) => [name, path])',
  'await pool.map(Math.sqrt, [1, 4, 9])',
  "registerFunction('f', f);",
  "const forked = new (getContext('fork').Pool)(1);",
  'await forked.map(f, [1, 2, 3])',
  'for (const each of [pool, forked]) { each.close(); await each.join(); }',
  '.exit',
];

/** Another Node, in this folder, so that it finds the package; what it prints is ours to print. */
const node = (...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [...process.execArgv, ...args], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });

async function run(program: ChildProcess, input: string): Promise<void> {
  program.stdin?.end(input);
  for await (const text of program.stdout?.setEncoding('utf8') ?? []) process.stdout.write(text);
}

/** Types a line whenever there is a prompt, as people do. */
async function converse(program: ChildProcess, lines: readonly string[]): Promise<void> {
  const ended = once(program, 'exit');
  const rest = [...lines];
  let said = '';
  for await (const text of program.stdout?.setEncoding('utf8') ?? []) {
    said += text;
    const line = said.endsWith('> ') ? rest.shift() : undefined;
    if (line === undefined) continue;
    // Before the first prompt there is a greeting; and what has no value is undefined.
    const answer = rest.length === lines.length - 1 ? '> ' : said.replace(/^undefined\n/, '');
    process.stdout.write(`${answer}${line}\n`);
    said = '';
    program.stdin?.write(`${line}\n`);
  }
  const [code] = await ended;
  console.log(`exit code: ${code}`);
}

if (isMainModule(import.meta)) {
  console.log('--- node --eval');
  await run(node('--input-type=module', '--eval', PROGRAM), '');
  console.log('--- node < program');
  await run(node('--input-type=module', '-'), PROGRAM);
  console.log('--- node');
  await converse(node('--interactive'), TYPED);
}
