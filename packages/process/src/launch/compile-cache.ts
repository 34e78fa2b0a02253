import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Map<string, string>();

/**
 * The folder where children keep what Node has compiled; empty if children are to do without.
 *
 * `NODE_DISABLE_COMPILE_CACHE=1` switches it off; a `NODE_COMPILE_CACHE` of the user's is taken instead, by Node itself.
 *
 * Whoever can write there decides what the children run: V8 does not compare the code with its source. So the folder is
 * ours alone. Node's own choice, `/tmp/node-compile-cache`, belongs to whoever makes it first.
 */
export function compileCache(temporary: string = tmpdir()): string {
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE, NODE_V8_COVERAGE } = process.env;
  // With code from a cache, the coverage of functions is not exact.
  if (NODE_COMPILE_CACHE || NODE_DISABLE_COMPILE_CACHE || NODE_V8_COVERAGE) return '';
  const known = folders.get(temporary);
  if (known !== undefined) return known;
  const folder = privateFolder(join(temporary, `mp-compile-cache-${process.geteuid?.()}`));
  folders.set(temporary, folder);
  return folder;
}

function privateFolder(path: string): string {
  try {
    // Not recursive: with that, mkdirSync of Node never returns where nothing can be made, as in /proc.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path, { mode: 0o700 });
    const found = lstatSync(path);
    const isOursAlone = found.isDirectory() && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0;
    return isOursAlone ? path : '';
  } catch {
    // There is no place to write to, or somebody else was quicker.
    return '';
  }
}
