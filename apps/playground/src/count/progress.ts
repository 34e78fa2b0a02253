/** Where progress is shown. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Shows how far a job is: one line that fills up on a terminal; elsewhere a line for each tenth of the way. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #total: number;
  readonly #unit: string;
  #done = 0;
  #shown = 0;

  /** @param total - how many there are of the unit; more than 0 */
  constructor(stream: ProgressStream, total: number, unit: string) {
    this.#stream = stream;
    this.#total = total;
    this.#unit = unit;
  }

  /** So many more are done. */
  advance(by: number): void {
    this.#done += by;
    const share = this.#done / this.#total;
    const figures = `${this.#done} of ${this.#total} ${this.#unit}`;
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    if (this.#stream.isTTY) {
      const bar = '█'.repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, '░');
      this.#stream.write(`\r${bar} ${percent}  ${figures}${this.#done === this.#total ? '\n' : ''}`);
      return;
    }
    const tenth = Math.floor(share * 10);
    if (tenth === this.#shown) return;
    this.#shown = tenth;
    this.#stream.write(`${percent}  ${figures}\n`);
  }
}

const WIDTH = 40;
