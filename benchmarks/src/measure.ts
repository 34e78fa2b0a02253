import { setTimeout as sleep } from 'node:timers/promises';
import { AbortError } from '@mp/errors';
import { type Entrant, type Equipment, entrantsOf, type LeftOut } from './entrants.ts';
import { NotAvailableError, ProtocolError, WrongResultError } from './errors.ts';
import { type Contender, interleave, type Outcome } from './interleave.ts';
import { Participant } from './participant.ts';
import type { Report, Sizes } from './row.ts';
import type { NamedRow } from './rows.ts';
import { type Figure, figureOf, median } from './statistics.ts';
import { judge, type Verdict } from './verdict.ts';

/** What one participant made of a row. */
export interface Measured extends Figure {
  /** The medians of everything that it reported. */
  readonly fields: Report;
}

export interface Failed {
  readonly name: string;
  readonly error: unknown;
}

/** A row, measured. */
export interface RowResult {
  readonly row: NamedRow;
  readonly sizes: Sizes;
  readonly ours: Measured | undefined;
  /** CPython and the Node peers. */
  readonly peers: ReadonlyMap<string, Measured>;
  readonly limits: ReadonlyMap<string, Measured>;
  readonly leftOut: readonly LeftOut[];
  readonly failed: readonly Failed[];
  readonly verdict: Verdict;
}

export interface MeasureOptions {
  readonly rounds: number;
  readonly size: 'full' | 'quick';
  readonly signal?: AbortSignal | undefined;
  turned?(name: string, round: number): void;
}

const START_MS = 60_000;
const ROUND_MS = 120_000;
/** What a participant has left to be done when it has answered is done by then. */
const PAUSE_MS = 30;

/** Measures a row: everybody who can do it, in turns, and every result checked. */
export async function measure(row: NamedRow, equipment: Equipment, options: MeasureOptions): Promise<RowResult> {
  const sizes = row.sizes[options.size];
  const { entrants, leftOut } = entrantsOf(row, sizes, equipment);
  const outcomes = await interleave(
    entrants.map((entrant) => contender(entrant, row, sizes, options.signal)),
    {
      rounds: options.rounds,
      pause: () => sleep(PAUSE_MS),
      ...(options.turned && { turned: options.turned }),
    },
  );
  return resultOf(row, sizes, entrants, leftOut, outcomes);
}

/** Puts together what became of everybody. */
export function resultOf(
  row: NamedRow,
  sizes: Sizes,
  entrants: readonly Pick<Entrant, 'name' | 'kind'>[],
  leftOut: readonly LeftOut[],
  outcomes: ReadonlyMap<string, Outcome>,
): RowResult {
  const missing = [...leftOut];
  const failed: Failed[] = [];
  const measured = new Map<string, Measured>();
  for (const { name } of entrants) {
    const { reports, complete, failure } = outcomes.get(name)!;
    if (failure instanceof NotAvailableError) missing.push({ name, reason: failure.message });
    else if (failure !== undefined) failed.push({ name, error: failure });
    // One that only failed to end has its figures, and its failure as well.
    if (complete) measured.set(name, measuredOf(row, sizes, reports));
  }
  const of = (...kinds: Entrant['kind'][]): Map<string, Measured> => {
    return new Map([...measured].filter(([name]) => kinds.includes(entrants.find((one) => one.name === name)!.kind)));
  };
  const ours = measured.get('ours');
  const peers = of('cpython', 'peer');
  const limits = of('limit');
  const verdict = judge(
    row,
    ours?.median,
    peers.get('cpython')?.median,
    (row.limits ?? []).map(({ name, atMost }) => ({ figure: limits.get(name)?.median, atMost })),
  );
  // Quick and wrong is not quick enough, whoever was wrong: the two did not do the same work.
  const met = failed.length > 0 ? false : verdict.met;
  return { row, sizes, ours, peers, limits, leftOut: missing, failed, verdict: { ...verdict, met } };
}

function measuredOf(row: NamedRow, sizes: Sizes, reports: readonly Report[]): Measured {
  const names = Object.keys(reports[0] ?? {});
  return {
    ...figureOf(reports.map((report) => row.figure(report, sizes))),
    fields: Object.fromEntries(names.map((name) => [name, median(reports.map((report) => report[name]!))])),
  };
}

/** What is wrong with a report: a field that is not what the work gives, or no figure in it. */
export function checkReport(
  row: NamedRow,
  sizes: Sizes,
  report: Report,
  { name, kind }: Pick<Entrant, 'name' | 'kind'>,
): void {
  if (kind !== 'limit') {
    for (const [field, expected] of Object.entries(row.expected(sizes, report, name))) {
      if (report[field] !== expected) {
        throw new WrongResultError(`${name}: ${field} is ${report[field]}, and ${expected} would be right.`);
      }
    }
  }
  const figure = row.figure(report, sizes);
  if (!Number.isFinite(figure)) {
    throw new ProtocolError(`${name}: there is no figure in ${JSON.stringify(report)}.`);
  }
}

function contender(entrant: Entrant, row: NamedRow, sizes: Sizes, signal: AbortSignal | undefined): Contender {
  return {
    name: entrant.name,
    start: async () => {
      if (signal?.aborted) throw new AbortError(`${entrant.name} is not started any more.`, { cause: signal.reason });
      const participant = await Participant.start(await entrant.command(), { timeout: START_MS, signal });
      const orKill = async <T>(work: Promise<T>): Promise<T> => {
        try {
          return await work;
        } catch (error) {
          await participant.kill();
          throw error;
        }
      };
      return {
        warm: () => orKill(participant.warm({ timeout: ROUND_MS, signal })),
        round: async () => {
          const report = await orKill(participant.round({ timeout: ROUND_MS, signal }));
          checkReport(row, sizes, report, entrant);
          return report;
        },
        close: () => (signal?.aborted ? participant.kill() : participant[Symbol.asyncDispose]()),
      };
    },
  };
}
