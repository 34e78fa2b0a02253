/**
 * What stands in an expected line where the text is not known beforehand: `<kind:name>`, or `<kind:name 1.5..2>` for a
 * number with limits (either may be left out).
 *
 * One name has one value in the whole output: where it stands again, the same text is expected. Two processes are never the
 * same one, so two names of the kind `pid` have two values.
 */
export interface Placeholder {
  readonly kind: Kind;
  readonly name: string;
  readonly least: number;
  readonly greatest: number;
}

const KINDS = {
  pid: '[1-9][0-9]*',
  integer: '-?[0-9]+',
  number: '-?[0-9]+(?:\\.[0-9]+)?',
  hex: '[0-9a-f]+',
  word: '\\S+',
  url: '[a-z]+:\\S+',
  text: '.+',
} as const;

export type Kind = keyof typeof KINDS;

const PLACEHOLDER = /<([a-z]+):([^<>]*)>/g;
const BODY = /^([a-z][a-z0-9-]*)(?: (-?\d+(?:\.\d+)?)?\.\.(-?\d+(?:\.\d+)?)?)?$/;
const WITH_LIMITS: readonly Kind[] = ['integer', 'number'];

/** An expected line in its parts: text that is to stand there as it is, and placeholders. */
export type Part = string | Placeholder;

/** @throws SyntaxError for a placeholder that says nothing: it would be taken for text, or for anything at all */
export function partsOf(line: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of line.matchAll(PLACEHOLDER)) {
    const [whole, kind = '', body = ''] = match;
    if (match.index > end) parts.push(line.slice(end, match.index));
    parts.push(parse(whole, kind, body));
    end = match.index + whole.length;
  }
  if (end < line.length) parts.push(line.slice(end));
  return parts;
}

function parse(whole: string, kind: string, body: string): Placeholder {
  if (!isKind(kind)) {
    throw new SyntaxError(`${whole} is no placeholder: the kinds are ${Object.keys(KINDS).join(', ')}`);
  }
  const [, name, least, greatest] = BODY.exec(body) ?? [];
  if (name === undefined) throw new SyntaxError(`${whole} is no placeholder: write <${kind}:some-name>`);
  const hasLimits = body.length > name.length;
  if (hasLimits && !WITH_LIMITS.includes(kind)) {
    throw new SyntaxError(`${whole} is no placeholder: only ${WITH_LIMITS.join(' and ')} can have limits`);
  }
  const from = least === undefined ? Number.NEGATIVE_INFINITY : Number(least);
  const to = greatest === undefined ? Number.POSITIVE_INFINITY : Number(greatest);
  if (!(from <= to) || (hasLimits && least === undefined && greatest === undefined)) {
    throw new SyntaxError(`${whole} is no placeholder: its limits are to be numbers, the lower one first`);
  }
  return { kind, name, least: from, greatest: to };
}

const isKind = (kind: string): kind is Kind => Object.hasOwn(KINDS, kind);

/** The regular expression, as text, for what a placeholder may stand for. */
export const sourceOf = ({ kind }: Placeholder): string => KINDS[kind];
