import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Compiler } from './compiler.ts';
import { UsageError } from './errors.ts';
import type { Command } from './participant.ts';
import { PEERS, type Peer } from './peers.ts';
import type { Python } from './python.ts';
import type { Limit, Sizes } from './row.ts';
import type { NamedRow } from './rows.ts';

/** Who is to take part in a row. */
export interface Entrant {
  readonly name: string;
  readonly kind: 'ours' | 'cpython' | 'peer' | 'limit';
  /**
   * How its program is started.
   *
   * @throws NotAvailableError if it turns out that this machine lacks something
   */
  command(): Promise<Command>;
}

/** Who could have been expected in a row and does not take part, and why. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** What entrants find on this machine. */
export interface Equipment {
  readonly python: Python | undefined;
  readonly compiler: Compiler;
  /** Undefined: it is not installed. */
  versionOf(packageName: string): string | undefined;
}

/** Everybody who takes part in a row, in the order of their turns; and everybody who does not. */
export function entrantsOf(
  row: NamedRow,
  sizes: Sizes,
  equipment: Equipment,
): { readonly entrants: readonly Entrant[]; readonly leftOut: readonly LeftOut[] } {
  const entrants: Entrant[] = [
    {
      name: 'ours',
      kind: 'ours',
      command: async () => nodeCommand('ours', new URL('child-ours.ts', row.folder), sizes),
    },
  ];
  const leftOut: LeftOut[] = [];
  const enter = (name: string, kind: Entrant['kind'], found: (() => Promise<Command>) | string): void => {
    if (typeof found === 'string') leftOut.push({ name, reason: found });
    else entrants.push({ name, kind, command: found });
  };
  enter('cpython', 'cpython', cpythonCommand(row, sizes, equipment));
  for (const peer of PEERS) enter(peer.name, 'peer', peerCommand(row, peer, sizes, equipment));
  for (const limit of row.limits ?? []) {
    entrants.push({ name: limit.name, kind: 'limit', command: () => limitCommand(row, limit, sizes, equipment) });
  }
  return { entrants, leftOut };
}

function cpythonCommand(row: NamedRow, sizes: Sizes, { python }: Equipment): (() => Promise<Command>) | string {
  const program = programIn(row, ['child-cpython.py']);
  if (program === undefined) return reasonOf(row, ['cpython'], 'child-cpython.py');
  if (python === undefined) return 'no CPython 3 with multiprocessing was found';
  return async () => ({
    name: 'cpython',
    file: python.executable,
    args: [fileURLToPath(program), JSON.stringify(sizes)],
    env: {
      PYTHONPATH: fileURLToPath(new URL('./python/', import.meta.url)),
      // Compiled modules are kept as usual, also where that is switched off, but not among the sources. Python looks for its own
      // there, too: without them it compiled them at each start, which took 145 ms instead of 31.
      PYTHONDONTWRITEBYTECODE: '',
      PYTHONPYCACHEPREFIX: fileURLToPath(new URL('../dist/pycache/', import.meta.url)),
    },
  });
}

function peerCommand(
  row: NamedRow,
  { name, packageName, isPool }: Peer,
  sizes: Sizes,
  equipment: Equipment,
): (() => Promise<Command>) | string {
  const own = `child-${name.replaceAll('_', '-')}.ts`;
  const files = isPool ? [own, 'child-node-pools.ts'] : [own];
  const program = programIn(row, files);
  if (program === undefined) return reasonOf(row, isPool ? [name, 'node-pools'] : [name], files.join(' nor '));
  if (packageName !== undefined && equipment.versionOf(packageName) === undefined)
    return `${packageName} is not installed`;
  return async () => nodeCommand(name, program, sizes);
}

async function limitCommand(
  { folder }: NamedRow,
  { name, source, args }: Limit,
  sizes: Sizes,
  { compiler }: Equipment,
): Promise<Command> {
  const url = new URL(source, folder);
  if (!source.endsWith('.c')) return nodeCommand(name, url, sizes);
  return { name, file: await compiler.compile(fileURLToPath(url)), args: (args?.(sizes) ?? []).map(String) };
}

/** The program of somebody else than us: in the folder of the row, or of the row whose work is the same for them. */
function programIn({ folder, othersAs }: NamedRow, files: readonly string[]): URL | undefined {
  const folders = [folder, ...(othersAs === undefined ? [] : [new URL(`../${othersAs}/`, folder)])];
  return folders.flatMap((from) => files.map((file) => new URL(file, from))).find((url) => existsSync(url));
}

function reasonOf(row: NamedRow, names: readonly string[], files: string): string {
  const reason = names.map((name) => row.leftOut[name]).find((given) => given !== undefined);
  if (reason === undefined) {
    throw new UsageError(
      `${row.name} has no program for ${names[0]} (${files}), and its \`leftOut\` does not say why. Nobody is left out silently.`,
    );
  }
  return reason;
}

/** What is measured is built code: the programs too, for workers load the modules of functions that they call. */
function nodeCommand(name: string, source: URL, sizes: Sizes): Command {
  return { name, file: process.execPath, args: [built(RUNNER), built(source), JSON.stringify(sizes), name] };
}

const RUNNER = new URL('./child-run.ts', import.meta.url);

function built(source: URL): string {
  const path = fileURLToPath(source)
    .replace(fileURLToPath(new URL('./', import.meta.url)), fileURLToPath(new URL('../dist/', import.meta.url)))
    .replace(/[.]ts$/, '.js');
  if (!existsSync(path)) throw new UsageError(`${path} is not built: run \`npm run bench\`, which builds first`);
  return path;
}
