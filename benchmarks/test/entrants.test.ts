import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { Compiler } from '../src/compiler.ts';
import { type Equipment, entrantsOf } from '../src/entrants.ts';
import { NotAvailableError, UsageError } from '../src/errors.ts';
import { PEERS } from '../src/peers.ts';
import { loadRow, type NamedRow, rowNames } from '../src/rows.ts';
import { aRow } from './a-row.ts';

checkLeaks();

const equipment: Equipment = {
  python: { executable: '/usr/bin/python3', version: '3.13.0' },
  compiler: new Compiler(),
  versionOf: () => '1.0.0',
};

const REASONS = {
  cpython: 'because',
  'node-pools': 'no messages',
  child_process: 'because',
  worker_threads: 'because',
};

/** A row whose programs are those files. */
function rowWith(files: readonly string[], differences: Partial<NamedRow> = {}): NamedRow {
  const folder = mkdtempSync(join(tmpdir(), 'row-'));
  for (const file of files) writeFileSync(join(folder, file), '');
  return aRow({ folder: pathToFileURL(`${folder}/`), leftOut: REASONS, ...differences });
}

const namesOf = (all: readonly { readonly name: string }[]): string[] => all.map(({ name }) => name);

test('in every row everybody takes part, or is left out by name and with a reason', async () => {
  const everybody = ['cpython', ...namesOf(PEERS)].sort();
  for (const name of rowNames()) {
    const row = await loadRow(name);
    const { entrants, leftOut } = entrantsOf(row, row.sizes.quick, equipment);
    const limits = namesOf(row.limits ?? []);
    const found = [...namesOf(entrants), ...namesOf(leftOut)].filter(
      (each) => each !== 'ours' && !limits.includes(each),
    );
    expect([name, found.sort()]).toEqual([name, everybody]);
    for (const { reason } of leftOut) expect(reason).not.toBe('');
  }
});

test('ours has the first turn, then CPython, then the peers, and the limits come last', () => {
  const row = rowWith(['child-cpython.py', 'child-worker-threads.ts'], {
    limits: [{ name: 'memcpy', source: 'memcpy.c' }],
  });
  expect(namesOf(entrantsOf(row, {}, equipment).entrants)).toEqual(['ours', 'cpython', 'worker_threads', 'memcpy']);
});

test('one program serves all pools of npm, unless one has its own', async () => {
  const row = rowWith(['child-node-pools.ts', 'child-tinypool-threads.ts']);
  const { entrants } = entrantsOf(row, {}, equipment);
  expect(namesOf(entrants)).toEqual([
    'ours',
    'piscina',
    'tinypool-threads',
    'tinypool-processes',
    'workerpool-processes',
  ]);
});

test('a peer that is not installed is left out by name', () => {
  const row = rowWith(['child-node-pools.ts']);
  const { leftOut } = entrantsOf(
    row,
    {},
    { ...equipment, versionOf: (name) => (name === 'piscina' ? undefined : '1.0.0') },
  );
  expect(leftOut).toContainEqual({ name: 'piscina', reason: 'piscina is not installed' });
  expect(namesOf(leftOut)).not.toContain('tinypool-threads');
});

test('without a CPython the run goes on, and says so', () => {
  const { leftOut } = entrantsOf(rowWith(['child-cpython.py']), {}, { ...equipment, python: undefined });
  expect(leftOut).toContainEqual({ name: 'cpython', reason: 'no CPython 3 with multiprocessing was found' });
});

test('whoever has neither a program nor a reason is an error of the row: nobody is left out silently', () => {
  const { worker_threads: _, ...reasons } = REASONS;
  expect(() => entrantsOf(rowWith([], { leftOut: reasons }), {}, equipment)).toThrow(UsageError);
  expect(() => entrantsOf(rowWith([], { leftOut: reasons }), {}, equipment)).toThrow(/no program for worker_threads/);
});

test('a limit in C is not available without a C compiler, and the compiler is named', async () => {
  const row = rowWith(['memcpy.c'], { limits: [{ name: 'memcpy', source: 'memcpy.c' }] });
  const { entrants } = entrantsOf(row, {}, { ...equipment, compiler: new Compiler('no-such-compiler') });
  const command = entrants.at(-1)!.command();
  await expect(command).rejects.toThrow(NotAvailableError);
  await expect(command).rejects.toThrow('there is no C compiler (no-such-compiler)');
});

test('a program that was not built is an error, and not a participant that is left out', async () => {
  const { entrants } = entrantsOf(rowWith([]), {}, equipment);
  await expect(entrants[0]!.command()).rejects.toThrow(UsageError);
});
