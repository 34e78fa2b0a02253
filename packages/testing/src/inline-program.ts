import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

let written = 0;

/** Code that was written to a file, for a program has to have a URL before its functions can be named to others. */
export interface InlineProgram extends Disposable {
  readonly path: string;
}

/**
 * Writes TypeScript to a file that stands beside the tests, where relative imports and those of the package's own
 * dependencies mean the same as in a test. Its name begins with a dot and is ignored by git, tsc and turbo.
 */
export function writeInlineProgram(code: string, folder: string = process.cwd()): InlineProgram {
  const tests = join(folder, 'test');
  const name = `.inline-${process.pid}-${++written}.ts`;
  const path = join(existsSync(tests) ? tests : folder, name);
  // An empty export makes it a module even where it imports nothing.
  writeFileSync(path, `${code}\nexport {};\n`);
  return { path, [Symbol.dispose]: () => rmSync(path, { force: true }) };
}
