import { ERROR_BASES, ESCAPE, GRAPH, Kind, PLAIN, type Tree, VIEW_TYPES } from './format.ts';
import { type Source, sourceOf, unpack } from './messagepack.ts';
import { decodeEntries, describeEntry, type Entry } from './references/entry.ts';
import { children, payloadStart, readToken, skip, tokenEnd } from './tokens.ts';

/** What a value is at its place: an object that is counted, the properties of one, the base of one, or bare data. */
type Role = 'value' | 'fields' | 'base' | 'bare';

/** The roles of what follows an escape's kind; the last one goes for all the rest. */
const ROLES: Readonly<Record<number, readonly Role[]>> = {
  [Kind.Array]: ['value'],
  [Kind.Sparse]: ['bare', 'value'],
  [Kind.Object]: ['fields'],
  [Kind.NullPrototype]: ['fields'],
  [Kind.Map]: ['value'],
  [Kind.Set]: ['value'],
  [Kind.RegisteredSymbol]: ['value'],
  [Kind.RegExp]: ['value', 'bare'],
  [Kind.Boxed]: ['value'],
  [Kind.Error]: ['bare', 'bare', 'fields'],
  [Kind.DOMException]: ['value', 'value', 'fields'],
  [Kind.Instance]: ['bare', 'fields'],
  [Kind.Extended]: ['bare', 'base', 'fields'],
  [Kind.Rebuilt]: ['bare', 'value'],
  [Kind.Callable]: ['value'],
};

/** Escapes that stand for no object of their own. */
const UNCOUNTED: ReadonlySet<number> = new Set([
  Kind.Reference,
  Kind.NegativeZero,
  Kind.Utf16,
  Kind.BigInt,
  Kind.WellKnownSymbol,
  Kind.RegisteredSymbol,
  Kind.Named,
]);

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(Kind).map(([name, kind]) => [kind, name]));

const LONGEST_TEXT = 60;
const DEEPEST_SHOWN = 1000;

/**
 * Takes a message apart: one line for each token, with its offset, its bytes and what it means. For people who want to
 * know what crosses the border, or why a message is so large.
 *
 * Loads nothing and runs nothing. It does not throw: of a corrupt message the last line says where it breaks.
 *
 * Python: `pickletools.dis`.
 *
 * @example
 * ```ts
 * console.log(disassemble(dumps(parseInt)));
 * //    0: 47        GRAPH: references, then memories, the value and its parts
 * //    1: 92        references: array of 2
 * //    …            reference 0 is the built-in `parseInt`
 * ```
 */
export function disassemble(bytes: Uint8Array): string {
  return new Disassembler(bytes).run();
}

class Disassembler {
  readonly #source: Source;
  readonly #end: number;
  readonly #lines: string[] = [];
  #at = 0;
  #counted = 0;
  #entries: readonly Entry[] = [];
  /** The numbers of the objects whose contents come later. */
  readonly #later: number[] = [];

  constructor(bytes: Uint8Array) {
    this.#source = sourceOf(bytes);
    this.#end = bytes.length;
  }

  run(): string {
    try {
      this.#message();
      if (this.#at < this.#end)
        this.#lines.push(`${this.#margin(this.#at, this.#at + 1)}${this.#end - this.#at} bytes too many`);
    } catch (error) {
      this.#lines.push(`${String(this.#at).padStart(6)}: ${(error as Error).message}`);
    }
    return this.#lines.join('\n');
  }

  #message(): void {
    const format = this.#source[this.#at];
    if (format !== PLAIN && format !== GRAPH) {
      this.#lines.push(`${this.#margin(0, 1)}no message: it begins neither with 'P' nor with 'G'`);
      this.#at = this.#end;
      return;
    }
    const meaning = format === PLAIN ? 'PLAIN: one value' : 'GRAPH: references, then memories, the value and its parts';
    this.#line(this.#at, this.#at + 1, 0, meaning);
    this.#at++;
    if (format === PLAIN) this.#token(1, 'bare', '');
    else this.#graph();
  }

  #graph(): void {
    const start = this.#at;
    const end = skip(this.#source, start, this.#end);
    if (this.#source[start] !== 0xc0) {
      const tree: Tree = unpack(this.#source, start, end, false);
      this.#entries = decodeEntries(tree) ?? [];
    }
    this.#token(1, 'bare', 'references: ');
    this.#entries.forEach((entry, i) => {
      this.#lines.push(`${' '.repeat(18)}  reference ${i} is ${describeEntry(entry)}`);
    });
    const at = this.#at;
    readToken(this.#source, at, this.#end);
    const parts = children;
    this.#line(at, payloadStart, 1, `array of ${parts}`);
    this.#at = tokenEnd;
    for (let i = 0; i < parts; i++) {
      if (i === 0) this.#token(2, 'bare', 'memories: ');
      else if (i === 1) this.#token(2, 'value', 'the value: ');
      else this.#token(2, 'value', `contents of #${this.#later[i - 2] ?? '?'}: `, true);
    }
  }

  #token(depth: number, role: Role, before: string, counted = false): void {
    const at = this.#at;
    readToken(this.#source, at, this.#end);
    const header = payloadStart;
    const count = children;
    const token = this.#source[at] as number;
    this.#at = tokenEnd;
    const isMap = (token >= 0x80 && token < 0x90) || token === 0xde || token === 0xdf;
    const isArray = (token >= 0x90 && token < 0xa0) || token === 0xdc || token === 0xdd;
    if (depth > DEEPEST_SHOWN) throw new Error(`more than ${DEEPEST_SHOWN} levels: the rest is not shown`);
    if (isArray && role !== 'bare' && role !== 'fields' && this.#isEscape(count)) {
      this.#escape(at, header, depth, count, role, before, counted);
      return;
    }
    const number = (isMap || isArray) && role === 'value' && !counted ? ` #${this.#counted++}` : '';
    const what = isMap ? `map of ${count / 2}` : isArray ? `array of ${count}` : this.#show(token, at, header);
    this.#line(at, header, depth, `${before}${what}${number}`);
    const inner: Role = role === 'bare' ? 'bare' : 'value';
    for (let i = 0; i < count; i++) {
      const isKey = isMap && i % 2 === 0;
      this.#token(depth + 1, isKey ? 'bare' : inner, isKey ? 'key ' : '');
    }
  }

  #isEscape(count: number): boolean {
    return count >= 2 && this.#source[this.#at] === ESCAPE + 256 && (this.#source[this.#at + 1] as number) < 0x80;
  }

  #escape(
    at: number,
    header: number,
    depth: number,
    count: number,
    role: Role,
    before: string,
    counted: boolean,
  ): void {
    const kind = this.#source[this.#at + 1] as number;
    const isCounted = role === 'value' && !counted && !UNCOUNTED.has(kind);
    if (isCounted && kind === Kind.Later) this.#later.push(this.#counted);
    const number = isCounted ? ` #${this.#counted++}` : '';
    this.#at += 2;
    const first = this.#source[this.#at] as number;
    this.#line(
      at,
      header + 2,
      depth,
      `${before}${NAMES.get(kind) ?? `escape ${kind}`}${this.#explain(kind, first)}${number}`,
    );
    const roles = ROLES[kind] ?? ['bare'];
    for (let i = 0; i < count - 2; i++) this.#token(depth + 1, roles[Math.min(i, roles.length - 1)] as Role, '');
  }

  /** What the first field of an escape says, where it is a small number. */
  #explain(kind: number, first: number): string {
    if (kind === Kind.Reference) return ` to #${first < 0x80 ? first : '…'}`;
    if (kind === Kind.View) return `: ${VIEW_TYPES[first] ?? '?'}`;
    if (kind === Kind.Error) return `: ${ERROR_BASES[first] ?? '?'}`;
    if (kind === Kind.Named || kind === Kind.Instance || kind === Kind.Rebuilt)
      return ` of reference ${first < 0x80 ? first : '…'}`;
    return '';
  }

  #show(token: number, at: number, header: number): string {
    if (token === 0xd4) return this.#source[at + 1] === 0 ? 'undefined' : 'an extension type that is not in the format';
    if ((token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb)) {
      const text = this.#source.toString('utf8', header, Math.min(this.#at, header + LONGEST_TEXT));
      const more = this.#at - header > LONGEST_TEXT ? `… (${this.#at - header} bytes)` : '';
      return JSON.stringify(text) + more;
    }
    if (token >= 0xc4 && token <= 0xc6) return `${this.#at - header} bytes`;
    if (token === 0xc1 || (token >= 0xc7 && token <= 0xc9) || (token >= 0xd5 && token <= 0xd8))
      return 'not in the format';
    const value: unknown = unpack(this.#source, at, this.#at, false);
    return typeof value === 'bigint' ? `${value}n` : String(value);
  }

  #margin(from: number, to: number): string {
    const shown = this.#source.toString('hex', from, Math.min(to, from + 5)).replace(/..(?=.)/g, '$& ');
    return `${String(from).padStart(6)}: ${shown.padEnd(15)} `;
  }

  #line(from: number, to: number, depth: number, text: string): void {
    this.#lines.push(this.#margin(from, to) + '  '.repeat(depth) + text);
  }
}
