/** For the scenarios in which a real Python takes part: starts a program in it, and reads what it prints. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A Python program that runs beside ours. What goes wrong there is printed on our standard error. */
export class PythonProgram {
  readonly #child;
  readonly #lines: AsyncIterator<string, undefined>;
  readonly #ended: Promise<unknown>;

  constructor(code: string, ...args: readonly string[]) {
    this.#child = spawn('python3', ['-c', code, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#ended = once(this.#child, 'exit');
  }

  /** The next line that it prints; undefined if it has ended instead. */
  async line(): Promise<string | undefined> {
    return (await this.#lines.next()).value;
  }

  /** Waits for its end. @returns its exit code */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  /** Ctrl-C, which is how `serve_forever()` is ended. @returns its exit code */
  interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.ended();
  }
}
