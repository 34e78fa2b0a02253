import type { Machine } from './machine.ts';
import type { RowResult } from './measure.ts';
import { shown, shownFigure, shownMet, shownTimes } from './numbers.ts';
import { PEERS } from './peers.ts';
import type { Goal } from './row.ts';
import { table } from './table.ts';
import { PEER_GOAL, timesBetter } from './verdict.ts';

const MIB = 2 ** 20;

/** Where and with what it was measured. */
export function machineLines({ processor, cores, memoryGib, system, node, python, peers, load }: Machine): string[] {
  const lines = [
    `${processor}, ${cores} cores, ${shown(memoryGib)} GiB, ${system}`,
    `Node ${node}; ${python ? `CPython ${python.version} (${python.executable})` : 'no CPython'}`,
    `Node peers: ${peers.join(', ')}, and what is in Node itself`,
  ];
  if (load > 0.5) {
    lines.push(`The load before the run was ${shown(load)}: others use this machine too, so the figures are no good.`);
  }
  return lines;
}

function shownGoal({ kind, value }: Goal, { row }: RowResult): string {
  const own = kind === 'times' ? `${value}×` : `${kind} ${value}`;
  const limits = (row.limits ?? []).filter(({ atMost }) => atMost !== undefined);
  return [own, ...limits.map(({ name, atMost }) => `≤ ${atMost}× ${name}`)].join(', ');
}

/** Each row against CPython and against its goal, with what the machine allows beside it. */
export function goalTable(results: readonly RowResult[]): string[] {
  const head = ['row', 'unit', 'ours', 'cpython', 'ratio', 'goal', 'met', 'limit'];
  const rows = results.map((result) => {
    const { row, ours, peers, limits, verdict } = result;
    const cpython = peers.get('cpython');
    return [
      row.name,
      row.unit,
      ours ? shownFigure(ours) : 'failed',
      cpython ? shownFigure(cpython) : '–',
      shownTimes(verdict.ratio),
      shownGoal(row.goal, result),
      shownMet(verdict.met),
      [...limits].map(([name, { median }]) => `${name} ${shown(median)}`).join('; '),
    ];
  });
  return table(head, rows);
}

const isMemory = ({ row }: RowResult): boolean => row.name.startsWith('memory.');

/** Each row against each Node peer: its figure, and how many times better ours is. */
export function peerTable(results: readonly RowResult[]): string[] {
  const names = PEERS.map(({ name }) => name);
  const rows = results
    .filter((result) => !isMemory(result) && names.some((name) => result.peers.has(name)))
    .map(({ row, ours, peers }) => [
      row.name,
      row.unit,
      ours ? shown(ours.median) : 'failed',
      ...names.map((name) => againstPeer(row.better, ours?.median, peers.get(name)?.median)),
    ]);
  return rows.length === 0 ? [] : table(['row', 'unit', 'ours', ...names], rows);
}

function againstPeer(better: 'higher' | 'lower', ours: number | undefined, peer: number | undefined): string {
  if (peer === undefined) return '–';
  const times = timesBetter(better, ours, peer);
  const mark = times === null || times >= PEER_GOAL ? '' : ' NO';
  return `${shown(peer)}: ${shownTimes(times)}${mark}`;
}

/** Everybody's idle worker, in MiB. */
export function memoryTable(results: readonly RowResult[]): string[] {
  return results.filter(isMemory).flatMap(({ row, ours, peers }) => {
    const mib = (bytes: number | undefined): string => (bytes === undefined ? '–' : shown(bytes / MIB));
    const all = [...(ours ? [['ours', ours] as const] : []), ...peers];
    const rows = all.map(([name, { fields }]) => {
      const { pss = Number.NaN, rss = Number.NaN, barePss = Number.NaN, bareRss = Number.NaN } = fields;
      const isThread = PEERS.some((peer) => peer.name === name && peer.workers === 'threads');
      const times =
        name === 'ours' || ours === undefined ? null : timesBetter('lower', ours.median, (pss - barePss) / MIB);
      return [
        name,
        mib(pss - barePss),
        mib(rss - bareRss),
        isThread ? '–' : mib(pss),
        isThread ? '–' : mib(rss),
        shownTimes(times),
        isThread ? 'by how much the process grew for each thread' : '',
      ];
    });
    return table([row.name, 'PSS beyond bare', 'RSS beyond bare', 'PSS', 'RSS', 'ours is better', ''], rows);
  });
}

/** Who took no part, and why: those of the same reason in the same rows together. */
export function leftOutLines(results: readonly RowResult[]): string[] {
  const rowsOf = grouped(
    results.flatMap(({ row, leftOut }) => leftOut.map(({ name, reason }) => [`${name}\0${reason}`, row.name] as const)),
  );
  const namesOf = grouped(
    [...rowsOf].map(([key, rows]) => {
      const [name, reason] = key.split('\0') as [string, string];
      return [`${reason} (${rows.join(', ')})`, name] as const;
    }),
  );
  return [...namesOf].map(([why, names]) => `${names.join(', ')}: ${why}`);
}

function grouped(pairs: readonly (readonly [key: string, value: string])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}

/** What went wrong, and with whom: most messages name the participant themselves. */
export function failureLines(results: readonly RowResult[]): string[] {
  return results.flatMap(({ row, failed }) => {
    return failed.map(({ name, error }) => {
      const message = error instanceof Error ? error.message : String(error);
      return message.startsWith(name) ? `${row.name}: ${message}` : `${row.name}: ${name}: ${message}`;
    });
  });
}

export function noteLines(results: readonly RowResult[]): string[] {
  return results.flatMap(({ row }) => (row.notes ?? []).map((note) => `${row.name}: ${note}`));
}
