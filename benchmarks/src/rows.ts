import { readdirSync } from 'node:fs';
import type { Row } from './row.ts';

export interface NamedRow extends Row {
  readonly name: string;
  /** Where the programs of its participants are, as sources. */
  readonly folder: URL;
}

/** In the table, what others are built of comes first. */
const FAMILIES = ['pipe', 'queue', 'lock', 'value', 'rawarray', 'process', 'pool', 'manager', 'memory'];

const FOLDER = new URL('./rows/', import.meta.url);

const rankOf = (name: string): number => {
  const rank = FAMILIES.indexOf(name.split('.', 1)[0]!);
  return rank < 0 ? FAMILIES.length : rank;
};

export const byFamily = (a: string, b: string): number => rankOf(a) - rankOf(b) || (a < b ? -1 : Number(a > b));

/** The names of all rows, in the order of the table: each folder in `rows/` is one. */
export function rowNames(): string[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort(byFamily);
}

export async function loadRow(name: string): Promise<NamedRow> {
  const folder = new URL(`${name}/`, FOLDER);
  const { row } = (await import(new URL('child-ours.ts', folder).href)) as { row: Row };
  return { ...row, name, folder };
}
