import type { BytePath } from './find-tree.ts';

const SPECIAL = /[\\\n\r]/g;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };

/** A line as `sha256sum` prints it, and `sha256sum --check` reads it, in bytes as those of the path. */
export function sumLine(sha256: string, path: BytePath): string {
  const escaped = path.replace(SPECIAL, (character) => ESCAPED[character] as string);
  // A backslash before the line says that there are others in it.
  return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
}
