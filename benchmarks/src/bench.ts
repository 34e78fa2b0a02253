import { closeSync, openSync, writeFileSync } from 'node:fs';
import { AbortError } from '@mp/errors';
import { Compiler } from './compiler.ts';
import { UsageError } from './errors.ts';
import { jsonRow } from './json.ts';
import { describeMachine } from './machine.ts';
import { measure, type RowResult } from './measure.ts';
import { chosenRows, type Options, optionsOf, USAGE } from './options.ts';
import { versionOf } from './peers.ts';
import { Progress } from './progress.ts';
import { newestPython } from './python.ts';
import { loadRow, rowNames } from './rows.ts';
import { failureLines, goalTable, leftOutLines, machineLines, memoryTable, noteLines, peerTable } from './tables.ts';
import { PEER_GOAL } from './verdict.ts';

/** How often everybody gets a turn in each row. */
const ROUNDS = { full: 5, quick: 3 };

/**
 * The whole run.
 *
 *     this process (harness)                     a process for each participant of the row
 *     ──────────────────────                     ─────────────────────────────────────────
 *     rows.ts finds the rows, entrants.ts
 *     who takes part                             ours: node dist/child-run.js dist/rows/ROW/child-ours.js
 *     interleave.ts gives each its turn,         cpython: python3 src/rows/ROW/child-cpython.py
 *     round after round; participant.ts          the Node peers: as ours
 *     talks to one of them         ◀───────────▶ limits: a C program, compiled for the run
 *     verdict.ts judges, tables.ts shows         each with workers and children of its own
 *
 * Only the participant whose turn it is does anything; the harness sleeps meanwhile.
 *
 * @returns the exit code: 1 if a participant failed or was wrong. Goals that are not met do not fail the run.
 */
export async function bench(args: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const end = (signal: NodeJS.Signals): void => interrupted.abort(signal);
  for (const signal of signals) process.on(signal, end);
  try {
    return await run(optionsOf(args), interrupted.signal);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(error.message);
      return 2;
    }
    if (error instanceof AbortError || interrupted.signal.aborted) {
      console.error(`bench: ended by ${interrupted.signal.reason}`);
      return 130;
    }
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}

async function run(options: Options, signal: AbortSignal): Promise<number> {
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const names = chosenRows(rowNames(), options.prefixes);
  if (options.list) {
    for (const name of names) console.log(`${name.padEnd(22)} ${(await loadRow(name)).work}`);
    return 0;
  }
  if (options.json !== undefined) assertWritable(options.json);
  const size = options.quick ? 'quick' : 'full';
  const python = await newestPython();
  console.log([...machineLines(describeMachine(python)), ''].join('\n'));
  const progress = new Progress(ROUNDS[size]);
  const compiler = new Compiler();
  const results: RowResult[] = [];
  try {
    for (const name of names) {
      progress.begin(name);
      const result = await measure(
        await loadRow(name),
        { python, compiler, versionOf },
        { size, rounds: ROUNDS[size], signal, turned: (participant, round) => progress.turned(participant, round) },
      );
      results.push(result);
      progress.end(result);
    }
  } finally {
    compiler[Symbol.dispose]();
  }
  console.log(`\n${report(results, ROUNDS[size], options.quick).join('\n')}`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results.map(jsonRow), null, 2)}\n`);
  return results.some(({ failed }) => failed.length > 0) ? 1 : 0;
}

/** Before the run: it takes minutes, and its results are not to be lost for a misspelt folder. */
function assertWritable(file: string): void {
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    throw new UsageError(`--json ${file}: ${(error as Error).message}`);
  }
}

function report(results: readonly RowResult[], rounds: number, quick: boolean): string[] {
  const lines = [
    `The median of ${rounds} rounds (the lowest…the highest). The ratio says how many times better than CPython; higher is better.`,
  ];
  if (quick) lines.push('Quick: small rounds, and few. Do not quote these figures.');
  const section = (title: string, content: readonly string[]): void => {
    if (content.length > 0) lines.push('', title, ...content);
  };
  section('Against CPython, spawned processes on both sides', goalTable(results));
  section(
    `Against Node peers: their figure, and how many times better ours is (goal ${PEER_GOAL})`,
    peerTable(results),
  );
  section('Memory of an idle worker, in MiB', memoryTable(results));
  section('Left out', leftOutLines(results));
  section('To know about the numbers', noteLines(results));
  section('FAILED', failureLines(results));
  return lines;
}
