import type { RowResult } from './measure.ts';
import { shown, shownMet, shownTimes } from './numbers.ts';

/** Says on standard error what is going on: a run takes minutes, and standard output is for the results. */
export class Progress {
  readonly #rounds: number;
  readonly #out: NodeJS.WriteStream;
  #name = '';
  #began = 0;

  constructor(rounds: number, out: NodeJS.WriteStream = process.stderr) {
    this.#rounds = rounds;
    this.#out = out;
  }

  begin(name: string): void {
    this.#name = name;
    this.#began = performance.now();
    this.#show('starting');
  }

  turned(participant: string, round: number): void {
    this.#show(`${round === 0 ? 'warm-up' : `round ${round} of ${this.#rounds}`}, ${participant}`);
  }

  end({ ours, verdict, row, failed }: RowResult): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(0);
    const figure = ours === undefined ? 'failed' : `${shown(ours.median)} ${row.unit}`;
    const rest = `${shownTimes(verdict.ratio)} cpython, goal met: ${shownMet(verdict.met)}`;
    const failures = failed.length === 0 ? '' : `, FAILED: ${failed.map(({ name }) => name).join(', ')}`;
    this.#clear();
    this.#out.write(`${this.#name.padEnd(22)} ${`${seconds} s`.padStart(6)}  ${figure}, ${rest}${failures}\n`);
  }

  #show(what: string): void {
    if (!this.#out.isTTY) return;
    this.#clear();
    this.#out.write(`${this.#name.padEnd(22)} ${what}`);
  }

  #clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[2K');
  }
}
