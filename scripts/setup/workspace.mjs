import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { capture } from './run.mjs';
import { presentable, SetupError, say } from './say.mjs';

/** Every package.json of the workspace, from the root of the repository. */
export function manifests(root) {
  const inside = ['packages', 'apps'].flatMap((folder) => {
    return existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(folder, name)) : [];
  });
  return ['.', ...inside.sort(), 'benchmarks']
    .map((folder) => join(folder, 'package.json'))
    .filter((path) => existsSync(join(root, path)));
}

/** Changes when, and only when, the installed dependencies may have to. */
function fingerprint(root, tools) {
  const hash = createHash('sha256').update(tools.key);
  for (const path of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', ...manifests(root)]) {
    const file = join(root, path);
    hash.update(`\0${path}\0`).update(existsSync(file) ? readFileSync(file) : '');
  }
  return hash.digest('hex');
}

/** Installs the dependencies, unless that was done since they last changed. */
export async function workspace(root, tools) {
  // In node_modules, so that whoever removes that gets everything anew.
  const stamp = join(root, 'node_modules', '.installed');
  const isCurrent = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root, tools);
  if (isCurrent()) return;
  await withLock(root, async () => {
    if (isCurrent()) return;
    say('dependencies of the workspace');
    const before = fingerprint(root, tools);
    const { ok, output, end } = await capture(tools.pnpm, ['install', '--frozen-lockfile'], {
      cwd: root,
      env: tools.env,
    });
    if (!ok) throw new SetupError(`pnpm could not install the dependencies (${end}):\n${presentable(output)}`);
    writeFileSync(stamp, before);
  });
}
