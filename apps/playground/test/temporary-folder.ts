import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

/** A folder with files, made by a test and gone when the test is over. */
export class TemporaryFolder {
  readonly path: string;
  readonly #outer: string = mkdtempSync(join(tmpdir(), 'playground-'));

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    this.path = join(this.#outer, 'files');
    mkdirSync(this.path);
    // Beside the files and not among them. Without it Node has to guess what they are, and says so.
    writeFileSync(join(this.#outer, 'package.json'), '{ "type": "module" }');
    onTestFinished(() => rmSync(this.#outer, { recursive: true, force: true }));
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  get url(): URL {
    return pathToFileURL(`${this.path}/`);
  }

  at(name: string): string {
    return join(this.path, name);
  }

  write(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
  }
}
