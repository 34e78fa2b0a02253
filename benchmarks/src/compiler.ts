import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { NotAvailableError } from './errors.ts';

const TIMEOUT_MS = 60_000;

/** The C compiler of this machine, and what it has compiled: kept in a folder that goes with it. */
export class Compiler implements Disposable {
  readonly #program: string;
  #folder: string | undefined;

  constructor(program: string = process.env.CC || 'cc') {
    this.#program = program;
  }

  /**
   * Compiles a program of one file.
   *
   * @returns its path
   * @throws NotAvailableError if there is no compiler
   */
  async compile(source: string): Promise<string> {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'mp-bench-'));
    const target = join(this.#folder, basename(source, '.c'));
    try {
      await promisify(execFile)(this.#program, ['-std=gnu11', '-O2', '-Wall', '-Werror', '-o', target, source], {
        timeout: TIMEOUT_MS,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        throw new NotAvailableError(`there is no C compiler (${this.#program})`);
      }
      throw error;
    }
    return target;
  }

  [Symbol.dispose](): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }
}
