import { parseArgs } from 'node:util';
import { UsageError } from './errors.ts';

export const USAGE = `npm run bench -- [--only PREFIX] [--json FILE] [--quick] [--list]

  --only PREFIX   the rows whose name starts so; may be given several times (or without the --only)
  --json FILE     also writes the results into a file
  --quick         smaller and fewer rounds: a look, and no measurement
  --list          the rows there are`;

export interface Options {
  readonly prefixes: readonly string[];
  readonly json: string | undefined;
  readonly quick: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** @throws UsageError */
export function optionsOf(args: readonly string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: { type: 'string', multiple: true, default: [] },
        json: { type: 'string' },
        quick: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const { only, json, quick, list, help } = values;
    return { prefixes: [...only, ...positionals], json, quick, list, help };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

/**
 * The rows that are wanted.
 *
 * @throws UsageError if a prefix fits none: a misspelt name must not look like a run without bad news
 */
export function chosenRows(all: readonly string[], prefixes: readonly string[]): string[] {
  for (const prefix of prefixes) {
    if (!all.some((name) => name.startsWith(prefix))) {
      throw new UsageError(`No row starts with ${JSON.stringify(prefix)}; there are ${all.join(', ')}.`);
    }
  }
  return prefixes.length === 0 ? [...all] : all.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
}
