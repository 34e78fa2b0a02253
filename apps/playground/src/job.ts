import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util';

/** Something real that a pool is used for, by a command of its own. */
export interface Job {
  readonly name: string;
  /** Its arguments, as the help shows them. */
  readonly usage: string;
  /** What it does. */
  readonly shows: string;
  /**
   * Understands its arguments.
   *
   * @returns what does the job, and then says whether all of it could be done
   * @throws TypeError in words for whoever typed them
   */
  prepare(args: readonly string[]): () => Promise<boolean>;
}

/** Why a job cannot be done, in a sentence that is all there is to say. */
export class JobError extends Error {}

/** Why something could not be done: the code of an error of the system, which says enough; else what the error says. */
export function reasonOf(error: unknown): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return syscall === undefined ? message : (code ?? message);
}

interface Arguments<Name extends string> {
  readonly positionals: readonly string[];
  readonly values: { readonly [name in Name]?: string };
  readonly workers: number | undefined;
}

/**
 * Takes apart the arguments of a job: every job knows `--workers`.
 *
 * @param most - how many arguments without a name there may be
 * @param names - of its options, each of which has a value
 * @throws TypeError
 */
export function argumentsOf<Name extends string>(
  args: readonly string[],
  most: number,
  names: readonly Name[] = [],
): Arguments<Name> {
  const options = Object.fromEntries(
    [...names, 'workers'].map((name): [string, ParseArgsOptionDescriptor] => [name, { type: 'string' }]),
  );
  const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options });
  const tooMany = positionals[most];
  if (tooMany !== undefined) throw new TypeError(`What is meant by ${tooMany}?`);
  const { workers, ...rest } = values as { readonly [name: string]: string };
  return {
    positionals,
    values: rest as Arguments<Name>['values'],
    workers: workers === undefined ? undefined : wholeNumber('--workers', workers, 1, MOST_WORKERS),
  };
}

const MOST_WORKERS = 256;

/** A whole number that somebody has typed: `1000`, `1_000`, `1e3`. @throws TypeError */
export function wholeNumber(what: string, text: string, least: number, greatest: number): number {
  const value = /^\d[\d_]*(e\d+)?$/i.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
  if (value >= least && value <= greatest) return value;
  const [from, to] = [least, greatest].map((limit) => limit.toLocaleString('en'));
  throw new TypeError(`${what} is to be a whole number from ${from} to ${to}, not ${text}`);
}
