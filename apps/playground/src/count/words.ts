/**
 * Counts words in a text that comes in pieces, however it is cut.
 *
 * A word is a run of letters, digits, apostrophes and underscores, with a letter in it; those at its ends that are neither
 * letter nor digit do not belong to it, and capitals make no difference. What is longer than {@link LONGEST_WORD} is no
 * word but data, and not counted.
 */
export class WordCounter {
  /** How often each word has come. */
  readonly counts: Map<string, number> = new Map();
  /** How many words have come. */
  total = 0;
  /** The beginning of a run that goes on in the next piece. */
  #begun = '';
  #isTooLong = false;

  /** Takes the next piece. */
  add(piece: string): void {
    const text = this.#begun + (this.#isTooLong ? this.#skipRun(piece) : piece);
    this.#begun = '';
    for (const { 0: run, index } of text.matchAll(RUN)) {
      if (index + run.length < text.length) this.#count(run);
      else if (run.length > LONGEST_WORD) this.#isTooLong = true;
      else this.#begun = run;
    }
  }

  /** The text is at its end. */
  end(): void {
    this.#count(this.#begun);
    this.#begun = '';
    this.#isTooLong = false;
  }

  /** What comes behind the rest of a run that is too long already. */
  #skipRun(piece: string): string {
    const [rest = ''] = RUN_AT_START.exec(piece) ?? [];
    this.#isTooLong = rest.length === piece.length;
    return piece.slice(rest.length);
  }

  #count(run: string): void {
    if (run.length > LONGEST_WORD || !LETTER.test(run)) return;
    const word = run.replace(ENDS, '').replaceAll('’', "'").toLowerCase();
    this.counts.set(word, (this.counts.get(word) ?? 0) + 1);
    this.total++;
  }
}

/** In UTF-16 units. The longest word in any dictionary has 189,819 letters, but is the name of a protein. */
const LONGEST_WORD = 200;

const RUN = /[\p{L}\p{M}\p{N}'’_]+/gu;
const RUN_AT_START = /^[\p{L}\p{M}\p{N}'’_]+/u;
const ENDS = /^['’_]+|['’_]+$/g;
const LETTER = /\p{L}/u;
