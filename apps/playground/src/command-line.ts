import { parseArgs } from 'node:util';

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
  | { readonly type: 'count'; readonly folder: string | undefined };

export const USAGE: string = `npm start                     all scenarios, then the main job
npm start -- NAME …           some scenarios, with what they print: by number (7, S4), name, or file
npm start -- --list           which scenarios there are
npm start -- count [FOLDER]   the main job: counts the words of Markdown and TypeScript files on all cores
  --verbose                   shows what all scenarios print
  --scenarios FOLDER          other scenarios than those of the playground`;

/** @throws TypeError in words for whoever typed it */
export function parseCommandLine(args: readonly string[]): Command {
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
  const [first, ...rest] = positionals;
  if (first === 'count') {
    if (rest.length > 1 || list || verbose || folder !== undefined)
      throw new TypeError('count takes one folder, and nothing else');
    return { type: 'count', folder: rest[0] };
  }
  if (list) {
    if (first !== undefined) throw new TypeError('--list takes no names: it lists all scenarios');
    return { type: 'list', folder };
  }
  return { type: 'run', names: positionals, verbose, folder };
}
