/**
 * Prints what pools do in hostile cases: `node benchmarks/src/behaviours/main.ts [--peers DIR]`.
 *
 * Ours has to be built. poolifier and jest-worker take part if they are installed in DIR:
 * `npm i --prefix DIR poolifier@5.3.2 jest-worker@30.5.1`. The exit code is 1 if ours is not the best in some row.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { entrants } from './entrants.ts';
import { type Row, rows } from './rows.ts';

const PROGRAM = new URL('./child-case.ts', import.meta.url).pathname;
/** How long a whole case may take, in milliseconds. */
const LIMIT_MS = 20_000;
/** How long a program that is left alone may take to end, and workers of a killed one. */
const GRACE_MS = 4000;

const isRunning = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function goneWithin(pids: readonly number[], milliseconds: number): Promise<boolean> {
  const until = performance.now() + milliseconds;
  while (pids.some(isRunning)) {
    if (performance.now() > until) return false;
    await pause(50);
  }
  return true;
}

async function runCase(name: string, row: Row, peers: string): Promise<string> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, name, row.name], {
    env: { ...process.env, MP_PEERS: peers },
    stdio: ['ignore', 'pipe', 'ignore'],
    // Workers that outlive their parent hold the pipe; they are in the group, and can be ended with it.
    detached: true,
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said = (kind: string): unknown => {
    const match = new RegExp(`@@${kind} (.*)`).exec(output);
    return match === null ? undefined : JSON.parse(match[1] as string);
  };
  const until = async (kind: string): Promise<unknown> => {
    const late = performance.now() + LIMIT_MS;
    while (said(kind) === undefined && child.exitCode === null && performance.now() < late) await pause(20);
    await pause(100);
    return said(kind);
  };
  try {
    if (row.watch === undefined) return String((await until('outcome')) ?? 'hangs, or dies without a word');
    if (row.watch === 'left open') {
      if ((await until('left')) === undefined) return String(said('outcome') ?? 'does not start');
      const byItself = await Promise.race([ended.then(() => true), pause(GRACE_MS).then(() => false)]);
      return byItself ? 'ends by itself' : 'never ends';
    }
    const pids = (await until('ready')) as number[] | undefined;
    if (pids === undefined) return String(said('outcome') ?? 'does not start');
    child.kill('SIGKILL');
    await ended;
    if (pids.length === 0) return 'threads: n/a';
    return (await goneWithin(pids, GRACE_MS)) ? 'workers gone' : 'workers stay';
  } finally {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // All are gone.
    }
  }
}

const at = process.argv.indexOf('--peers');
const peers = at === -1 ? '' : (process.argv[at + 1] ?? '');
const names = Object.keys(entrants).filter((name) => peers !== '' || !/^(poolifier|jest)/.test(name));
const table: string[][] = [['', 'best', ...names]];
let exitCode = 0;
for (const row of rows) {
  const cells: string[] = [];
  for (const name of names) {
    const outcome = await runCase(name, row, peers);
    const isBest = outcome.startsWith(row.best) || outcome === 'threads: n/a';
    if (!isBest && /^(@mp\/pool|ThreadPool)$/.test(name)) exitCode = 1;
    cells.push(isBest ? (outcome === 'threads: n/a' ? 'n/a' : '✔') : outcome);
    process.stderr.write('.');
  }
  table.push([row.name, row.best, ...cells]);
}
process.stderr.write('\n');
const [header, ...body] = table as [string[], ...string[][]];
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
console.log([line(header), line(header.map(() => '---')), ...body.map(line)].join('\n'));
process.exitCode = exitCode;
