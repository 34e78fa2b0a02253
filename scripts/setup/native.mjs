import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { withLock } from './lock.mjs';
import { capture } from './run.mjs';
import { presentable, SetupError, say } from './say.mjs';

/** What the build itself said; the rest is turborepo and pnpm speaking of it. */
function wordsOfTheBuild(output) {
  const prefix = '@mp/native:build:native: ';
  const lines = stripVTControlCharacters(output).split('\n');
  const own = lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  const said = own.filter((line) => !/^(cache (miss|hit)|\$ |\[ELIFECYCLE\]|build:native: *$)/.test(line)).join('\n');
  return presentable(said.length > 0 ? said : output);
}

/** Builds the native addon; turborepo knows whether there is anything to do. */
export async function native(root, tools) {
  const isBuilt = existsSync(join(root, 'packages/native/build/Release'));
  const build = async () => {
    if (!isBuilt) say('the native addon');
    const args = ['run', 'build:native', '--filter=@mp/native', '--output-logs=new-only', '--ui=stream'];
    const { ok, output, end } = await capture('turbo', args, { cwd: root, env: tools.env });
    if (!ok) throw new SetupError(`the native addon could not be built (${end}):\n${wordsOfTheBuild(output)}`);
    if (isBuilt && output.includes('cache miss')) say('the native addon was built anew');
  };
  await withLock(root, build);
}
