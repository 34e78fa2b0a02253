import type { Bindings } from './bindings.ts';
import { type Part, partsOf } from './placeholder.ts';

/**
 * The lines that a program is to print: all of them, each exactly, in this order. Lines that begin with `~ ` and stand one
 * below the other may come in any order among themselves. See placeholder.ts for what may stand in a line.
 */
export class Expectation {
  readonly #groups: readonly (readonly Part[][])[];

  /** @throws SyntaxError if a line makes no sense */
  constructor(lines: readonly string[]) {
    const groups: Part[][][] = [];
    let isOpen = false;
    for (const line of lines) {
      const isFree = line.startsWith(ANY_ORDER);
      const parts = partsOf(isFree ? line.slice(ANY_ORDER.length) : line);
      if (isFree && isOpen) groups.at(-1)?.push(parts);
      else groups.push([parts]);
      isOpen = isFree;
    }
    this.#groups = groups;
  }

  /**
   * Compares what a program has printed.
   *
   * @returns what is known now, for the next text to compare; or what is wrong, in words
   */
  compare(text: string, known: Bindings): Bindings | Mismatch {
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    return new Comparison(this.#groups, lines).run(known);
  }
}

/** What is wrong with an output, in words. */
export class Mismatch {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const ANY_ORDER = '~ ';
/** Lines with placeholders only, in any order, can be assigned in so many ways that nobody would live to see the end. */
const MOST_STEPS = 20_000;

class Comparison {
  readonly #groups: readonly (readonly Part[][])[];
  readonly #lines: readonly string[];
  #steps = 0;
  #furthest = -1;
  #mismatch = new Mismatch('');

  constructor(groups: readonly (readonly Part[][])[], lines: readonly string[]) {
    this.#groups = groups;
    this.#lines = lines;
  }

  run(known: Bindings): Bindings | Mismatch {
    const found = this.#match(0, this.#groups[0] ?? [], 0, known);
    if (this.#steps > MOST_STEPS) return new Mismatch('the lines in any order are too much alike to be told apart');
    return found ?? this.#mismatch;
  }

  /** @param open - the lines of the group that are still to come */
  #match(group: number, open: readonly Part[][], line: number, known: Bindings): Bindings | undefined {
    if (open.length === 0) {
      const next = group + 1;
      if (next < this.#groups.length) return this.#match(next, this.#groups[next] as Part[][], line, known);
      return line === this.#lines.length ? known : this.#note(line, open, known);
    }
    if (++this.#steps > MOST_STEPS) return undefined;
    const text = this.#lines[line];
    if (text === undefined) return this.#note(line, open, known);
    for (const [index, parts] of open.entries()) {
      const bindings = known.match(parts, text);
      if (bindings === undefined) continue;
      const found = this.#match(group, open.toSpliced(index, 1), line + 1, bindings);
      if (found !== undefined) return found;
    }
    return this.#note(line, open, known);
  }

  /** Of all ways to assign the lines, the one that came furthest is the one to tell about. */
  #note(line: number, open: readonly Part[][], known: Bindings): undefined {
    if (line <= this.#furthest) return;
    this.#furthest = line;
    const expected = open.map((parts) => known.fill(parts));
    const text = this.#lines[line];
    this.#mismatch = new Mismatch(
      [
        `line ${line + 1}`,
        `expected:  ${expected.length === 0 ? 'nothing more' : expected.join(`\n${' '.repeat(7)}or  `)}`,
        `but found: ${text === undefined ? 'nothing more' : text}`,
      ].join('\n'),
    );
  }
}
