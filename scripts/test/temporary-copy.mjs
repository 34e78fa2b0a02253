import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../setup/set-up.mjs';

/**
 * A copy of the files of this repository, with the dependencies linked, in which a test may break what it likes.
 *
 * @param {import('node:test').TestContext} context - the copy is gone when the test is over
 * @param {(path: string) => boolean} [wanted] - which of the files
 */
export function temporaryCopy(context, wanted = () => true) {
  const copy = mkdtempSync(join(tmpdir(), 'mp-copy-'));
  context.after(() => rmSync(copy, { recursive: true, force: true }));
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const path of list.split('\n').filter(Boolean)) {
    if (!wanted(path) || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return {
    root: copy,
    write(path, text) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    },
  };
}

/** A workspace of our own making under the rules of this repository: nothing but what the test plants is in it. */
export function emptyWorkspace(context, files) {
  const rules = new Set(['.dependency-cruiser.cjs', 'biome.json', 'tsconfig.base.json', 'turbo.json', 'package.json']);
  const copy = temporaryCopy(context, (path) => rules.has(path));
  for (const [path, text] of Object.entries(files)) copy.write(path, text);
  return copy;
}
