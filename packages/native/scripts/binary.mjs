/**
 * What a built addon may be linked with: nothing by name. It finds its functions in the program that loads it, Node,
 * and in the C library which that has brought. So one binary serves glibc of every age and musl, as long as it only
 * uses what all of them have, and what is listed here.
 */
import { readFileSync } from 'node:fs';
import { outputOf } from './tool.mjs';

const allowed = new Set(
  readFileSync(new URL('./libc-functions.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
);

const isNodes = (name) => /^(napi|node_api|uv)_/.test(name);

/** Of binutils, which come with every C compiler. */
const readelf = (...args) => outputOf('readelf', ['--wide', ...args]);

/** Fails when the binary would not load everywhere. */
export function checkBinary(path) {
  const needed = readelf('-d', path).match(/\(NEEDED\).*/g) ?? [];
  if (needed.length > 0) throw new Error(`${path} is linked with libraries: ${needed.join(', ')}`);
  if (!readelf('-V', path).includes('No version information')) throw new Error(`${path} needs versions of symbols`);
  const undefinedNames = [...readelf('--dyn-syms', path).matchAll(/ UND (\w+)/g)].map(([, name]) => name);
  if (undefinedNames.length === 0) throw new Error(`${path} imports nothing: that cannot be the addon`);
  const unknown = undefinedNames.filter((name) => !isNodes(name) && !allowed.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `${path} uses ${unknown.join(', ')}. If glibc 2.17 and musl 1.2 both have that, in one version, add it to ` +
        'scripts/libc-functions.txt; otherwise make the system call (system.h).',
    );
  }
}
