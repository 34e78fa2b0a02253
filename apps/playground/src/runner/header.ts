/**
 * What stands at the top of a scenario's file, in a comment, for its reader and for us:
 *
 *     Two processes take turns.                     what it shows: the first paragraph
 *
 *     From: Python docs, Pipes (row 7); 002         which document it is from
 *     Look at: who closes what.                     what to look at in the program
 *     Differs: Python prints None.                  where and why it differs from Python; may be left out
 *     Limit: 30 s                                   how long it may take; default 40 s
 *     Exits with: 1                                 default 0
 *     Needs: a quiet machine                        it measures time, so `npm test` leaves it to `npm start`
 *
 *     Prints:                                       expectation.ts says how to write these lines
 *         hello <pid:child>
 *     Prints to stderr:                             default: nothing at all
 *         oh
 */
export interface Header {
  readonly shows: string;
  readonly from: string;
  readonly lookAt: string;
  readonly differs: string | undefined;
  /** Milliseconds. */
  readonly limit: number;
  readonly exitCode: number;
  readonly needsQuiet: boolean;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

const FIELD = /^(From|Look at|Differs|Limit|Exits with|Needs): (.+)$/;
const BLOCK = /^(Prints|Prints to stderr):$/;
const INDENT = ' '.repeat(4);
const DEFAULT_LIMIT = 40_000;
const QUIET = 'a quiet machine';

/** @throws SyntaxError that says what is missing or misspelt: whatever is not understood would not be checked */
export function parseHeader(source: string): Header {
  const lines = commentOf(source);
  const firstBlank = lines.indexOf('');
  const shows = lines.slice(0, Math.max(firstBlank, 0)).join(' ');
  if (shows === '' || FIELD.test(shows)) throw new SyntaxError('its header does not begin with what it shows');
  const { fields, blocks } = sections(lines.slice(firstBlank));
  const required = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new SyntaxError(`its header has no "${name}: …"`);
    return value;
  };
  const stdout = blocks.get('Prints') ?? [];
  const stderr = blocks.get('Prints to stderr') ?? [];
  if (stdout.length + stderr.length === 0) throw new SyntaxError('its header does not say what it prints');
  return {
    shows,
    from: required('From'),
    lookAt: required('Look at'),
    differs: fields.get('Differs'),
    limit: seconds(fields.get('Limit')) ?? DEFAULT_LIMIT,
    exitCode: integer(fields.get('Exits with')) ?? 0,
    needsQuiet: isQuiet(fields.get('Needs')),
    stdout,
    stderr,
  };
}

/** The lines of the comment that the file begins with, without its stars. */
function commentOf(source: string): string[] {
  const [, comment] = /^\/\*\*\r?\n(.*?)\r?\n \*\//s.exec(source) ?? [];
  if (comment === undefined) throw new SyntaxError('it does not begin with a header: /** … */');
  return comment.split(/\r?\n/).map((line) => {
    if (line !== ' *' && !line.startsWith(' * ')) throw new SyntaxError(`its header has a line without star: ${line}`);
    return line.slice(3).trimEnd();
  });
}

function sections(lines: readonly string[]): { fields: Map<string, string>; blocks: Map<string, string[]> } {
  const fields = new Map<string, string>();
  const blocks = new Map<string, string[]>();
  let field: string | undefined;
  let block: string[] | undefined;
  const isNew = (name: string): string => {
    if (fields.has(name) || blocks.has(name)) throw new SyntaxError(`its header has "${name}" twice`);
    return name;
  };
  for (const line of lines) {
    const [, fieldName, value = ''] = FIELD.exec(line) ?? [];
    const [, blockName] = BLOCK.exec(line) ?? [];
    if (block !== undefined && (line === '' || line.startsWith(INDENT))) {
      block.push(line.slice(INDENT.length));
    } else if (fieldName !== undefined) {
      field = isNew(fieldName);
      block = undefined;
      fields.set(field, value);
    } else if (blockName !== undefined) {
      field = undefined;
      block = [];
      blocks.set(isNew(blockName), block);
    } else if (field !== undefined && line.startsWith('  ')) {
      fields.set(field, `${fields.get(field)} ${line.trim()}`);
    } else if (line !== '') {
      throw new SyntaxError(`its header has a line that means nothing: ${line}`);
    }
  }
  // The empty lines behind a block only set it off from what follows.
  for (const lines of blocks.values()) while (lines.at(-1) === '') lines.pop();
  return { fields, blocks };
}

function seconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number] = /^(\d+) s$/.exec(text) ?? [];
  if (number === undefined) throw new SyntaxError(`its header says "Limit: ${text}", which is no time such as "30 s"`);
  return Number(number) * 1000;
}

function integer(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new SyntaxError(`its header says "Exits with: ${text}", which is no exit code`);
  return Number(text);
}

function isQuiet(text: string | undefined): boolean {
  if (text === undefined || text === QUIET) return text === QUIET;
  throw new SyntaxError(`its header says "Needs: ${text}"; all that can be needed is "${QUIET}"`);
}
