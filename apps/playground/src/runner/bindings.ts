import { type Kind, type Part, type Placeholder, sourceOf } from './placeholder.ts';

/** What the placeholders met so far stand for. Never changed: another line makes new ones. */
export class Bindings {
  readonly #values: ReadonlyMap<string, string>;

  /** @param known - what is known beforehand, such as `{ 'pid:program': '4711' }` */
  constructor(known: Readonly<Record<`${Kind}:${string}`, string>> | ReadonlyMap<string, string> = {}) {
    this.#values = known instanceof Map ? known : new Map(Object.entries(known));
  }

  /** @returns undefined if the line is not what is expected; else what is known then */
  match(parts: readonly Part[], line: string): Bindings | undefined {
    const fresh: Placeholder[] = [];
    const pattern = parts.map((part) => this.#patternOf(part, fresh)).join('');
    const found = new RegExp(`^${pattern}$`, 'u').exec(line);
    if (found === null) return undefined;
    const values = new Map(this.#values);
    for (const [index, placeholder] of fresh.entries()) {
      const value = found[index + 1] as string;
      if (!(isWithin(placeholder, value) && isDistinct(placeholder, value, values))) return undefined;
      values.set(keyOf(placeholder), value);
    }
    return fresh.length === 0 ? this : new Bindings(values);
  }

  /** The line as it is expected now: with the values that are known. */
  fill(parts: readonly Part[]): string {
    return parts
      .map((part) => (typeof part === 'string' ? part : (this.#values.get(keyOf(part)) ?? describe(part))))
      .join('');
  }

  #patternOf(part: Part, fresh: Placeholder[]): string {
    if (typeof part === 'string') return literal(part);
    const known = this.#values.get(keyOf(part));
    if (known !== undefined) return isWithin(part, known) ? literal(known) : NEVER;
    const again = fresh.findIndex((other) => keyOf(other) === keyOf(part));
    if (again >= 0) return `(?:\\${again + 1})`;
    fresh.push(part);
    return `(${sourceOf(part)})`;
  }
}

const NEVER = '(?!)';

const keyOf = ({ kind, name }: Placeholder): string => `${kind}:${name}`;

const isWithin = ({ least, greatest }: Placeholder, value: string): boolean =>
  (least === Number.NEGATIVE_INFINITY && greatest === Number.POSITIVE_INFINITY) ||
  (Number(value) >= least && Number(value) <= greatest);

function isDistinct({ kind }: Placeholder, value: string, values: ReadonlyMap<string, string>): boolean {
  return kind !== 'pid' || ![...values].some(([key, other]) => key.startsWith('pid:') && other === value);
}

function describe({ kind, name, least, greatest }: Placeholder): string {
  const limit = (value: number): string => (Number.isFinite(value) ? String(value) : '');
  const limits = limit(least) + limit(greatest) === '' ? '' : ` ${limit(least)}..${limit(greatest)}`;
  return `<${kind}:${name}${limits}>`;
}

/** `RegExp.escape` comes with Node 24 only. */
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
