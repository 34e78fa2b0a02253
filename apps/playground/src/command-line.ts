import { parseArgs } from 'node:util';
import { JOBS } from './jobs.ts';
import { listedJob } from './report.ts';

/** What somebody wants from `npm start -- …`. */
export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'list'; readonly folder: string | undefined }
  | {
      readonly type: 'run';
      readonly names: readonly string[];
      readonly verbose: boolean;
      readonly folder: string | undefined;
    }
  | { readonly type: 'job'; readonly work: () => Promise<boolean> };

const ROWS: readonly (readonly [args: string, what: string])[] = [
  ['', 'all scenarios, then the first of the jobs'],
  ['NAME …', 'some scenarios, with what they print: by number (7, S4), name, or file'],
  ['--verbose', 'all scenarios, with what they print'],
  ['--scenarios FOLDER', 'other scenarios than those of the playground'],
  ['--list', 'which scenarios and jobs there are'],
];

const WIDTH = 34;

export const USAGE: string = [
  ...ROWS.map(([args, what]) => (args === '' ? 'npm start' : `npm start -- ${args}`).padEnd(WIDTH) + what),
  '',
  'Jobs:',
  ...JOBS.flatMap(listedJob),
].join('\n');

/** @throws TypeError in words for whoever typed it */
export function parseCommandLine(args: readonly string[]): Command {
  const [name, ...itsArguments] = args;
  const job = JOBS.find((job) => job.name === name);
  if (job !== undefined) {
    if (itsArguments.some((argument) => argument === '--help' || argument === '-h')) return { type: 'help' };
    return { type: 'job', work: job.prepare(itsArguments) };
  }

  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      list: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      scenarios: { type: 'string' },
    },
  });
  const { help, list, verbose, scenarios: folder } = values;
  if (help) return { type: 'help' };
  if (list) {
    if (positionals.length > 0) throw new TypeError('--list takes no names: it lists all scenarios');
    return { type: 'list', folder };
  }
  return { type: 'run', names: positionals, verbose, folder };
}
