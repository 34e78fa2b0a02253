import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { capture } from './run.mjs';
import { presentable, SetupError, say } from './say.mjs';

/** Builds the native addon; turborepo knows whether there is anything to do. */
export async function native(root, tools) {
  const isBuilt = existsSync(join(root, 'packages/native/build/Release'));
  const build = async () => {
    if (!isBuilt) say('the native addon');
    const args = ['run', 'build:native', '--filter=@mp/native', '--output-logs=new-only', '--ui=stream'];
    const { ok, output, end } = await capture('turbo', args, { cwd: root, env: tools.env });
    if (!ok) throw new SetupError(`the native addon could not be built (${end}):\n${presentable(output)}`);
    if (isBuilt && output.includes('cache miss')) say('the native addon was built anew');
  };
  await withLock(root, build);
}
