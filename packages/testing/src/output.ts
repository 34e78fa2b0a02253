import type { Readable } from 'node:stream';

/** Collects the text of a stream, and lets one wait for a part of it. */
export class Output {
  text = '';
  readonly #waiting = new Set<() => void>();

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      this.text += chunk;
      for (const check of this.#waiting) check();
    });
  }

  /** Resolves with the match as soon as the text has one. Only the end of the process ends the wait. */
  match(pattern: RegExp, ended: Promise<never>): Promise<RegExpExecArray> {
    let check = (): void => {};
    const found = new Promise<RegExpExecArray>((resolve) => {
      check = () => {
        const match = pattern.exec(this.text);
        if (match !== null) resolve(match);
      };
    });
    this.#waiting.add(check);
    check();
    return Promise.race([found, ended]).finally(() => this.#waiting.delete(check));
  }
}
