import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Expectation } from './expectation.ts';
import { type Header, parseHeader } from './header.ts';

/** A program that shows one thing, and what it is to print. */
export interface Scenario {
  /** `7` or `S4`, as the lists of documents number them; `U1`: one of ours. */
  readonly number: string;
  /** `pipes`: the rest of the file's name. */
  readonly name: string;
  readonly path: string;
  readonly header: Header;
  readonly stdout: Expectation;
  readonly stderr: Expectation;
}

/** A scenario that cannot be understood, and why not. It counts as failed: what is not checked has not passed. */
export interface Misfit {
  readonly number: string;
  readonly name: string;
  readonly path: string;
  readonly problem: string;
}

const FILE_NAME = /^([su]?)0*([1-9]\d*)-([a-z0-9]+(?:-[a-z0-9]+)*)\.ts$/;

/** The folder in which all scenarios stand, one file each. What they import stands in folders beside them. */
export const SCENARIOS: URL = new URL('../scenarios/', import.meta.url);

/** Every scenario of a folder: those of the reference first, then those of the seed documents, then ours, each by number. */
export function readCatalogue(folder: URL = SCENARIOS): (Scenario | Misfit)[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
  const found = entries.map(({ name }) => read(new URL(name, folder)));
  const order = new Intl.Collator('en', { numeric: true });
  found.sort((a, b) => order.compare(a.number, b.number) || order.compare(a.name, b.name));
  return found.map((scenario, index) => {
    const { number, name, path } = scenario;
    if ('problem' in scenario || found[index - 1]?.number !== number) return scenario;
    return { number, name, path, problem: `there is another scenario with the number ${number}` };
  });
}

function read(file: URL): Scenario | Misfit {
  const path = fileURLToPath(file);
  const [, letter = '', digits, name] = FILE_NAME.exec(basename(path)) ?? [];
  if (digits === undefined || name === undefined) {
    const problem = 'its file is not called like one: 07-pipes.ts, s4-functions-made-at-run-time.ts';
    return { number: '?', name: basename(path), path, problem };
  }
  const number = letter.toUpperCase() + digits;
  try {
    const header = parseHeader(readFileSync(file, 'utf8'));
    const { stdout, stderr } = header;
    return { number, name, path, header, stdout: new Expectation(stdout), stderr: new Expectation(stderr) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { number, name, path, problem: error.message };
  }
}

/** The scenario that somebody means by its number, its name, or the name of its file; in capitals or not. */
export function find<S extends Scenario | Misfit>(catalogue: readonly S[], wanted: string): S | undefined {
  const key = wanted.toLowerCase();
  const number = key.replace(/^([su]?)0+(?=\d)/, '$1');
  return catalogue.find((scenario) => {
    const file = basename(scenario.path);
    return [
      scenario.number.toLowerCase() === number,
      [scenario.name, file, file.replace(/\.ts$/, '')].includes(key),
    ].some(Boolean);
  });
}
