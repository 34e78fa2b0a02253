import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { isMusl, platformPackages } from './platform.mjs';
import { capture } from './run.mjs';
import { presentable, SetupError, say } from './say.mjs';

export const pins = JSON.parse(readFileSync(new URL('../pins.json', import.meta.url), 'utf8'));

/**
 * Puts packages of exact versions into a folder of their own, `.tools/<name>`.
 *
 * The folder appears under its name only when it is complete, by a rename. So that it exists is all there is to check,
 * an interrupted installation leaves nothing that looks like one, and two at the same time do not meet.
 */
async function provide(root, name, packages) {
  const target = join(root, '.tools', name);
  if (existsSync(target)) return target;
  mkdirSync(join(root, '.tools'), { recursive: true });
  removeLeftovers(join(root, '.tools'));
  say(`${packages.join(', ')} into .tools/`);
  const draft = mkdtempSync(join(root, '.tools', `draft-${process.pid}-`));
  try {
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const { ok, output, end } = await capture(npm, ['install', '--prefix', draft, ...quiet, ...packages], {
      cwd: draft,
    });
    if (!ok) throw new SetupError(`npm could not install ${packages.join(', ')} (${end}):\n${presentable(output)}`);
    renameSync(draft, target);
  } catch (error) {
    // Somebody else was quicker: then theirs is as good as ours.
    if (!existsSync(target)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return target;
}

/** Drafts of installations that were killed. */
function removeLeftovers(tools) {
  for (const name of readdirSync(tools)) {
    const [, pid] = /^draft-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(tools, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** npm tells its children about itself by variables that mean something else to pnpm, or nothing. */
const OF_NPM =
  /^npm_(lifecycle|package|command|execpath|node_execpath|config_(local_prefix|global_prefix|prefix|node_gyp|npm_version|user_agent|init_module|noproxy|globalconfig)$)/;

/**
 * Node and pnpm of the pinned versions, in `.tools/`, for this clone alone.
 *
 * @returns {Promise<{ node: string, pnpm: string, env: NodeJS.ProcessEnv, key: string }>} the programs; an environment in which
 *   they, and the programs of the workspace, are found first; and a name for this set of versions
 */
export async function toolchain(root) {
  const key = `node-${pins.node}-pnpm-${pins.pnpm}-${process.platform}-${process.arch}`;
  const ready = join(root, '.tools', key, 'node_modules');
  const packages = platformPackages();
  if (!existsSync(ready)) {
    platformPackages({ musl: isMusl() });
    await provide(root, key, [`${packages.node}@${pins.node}`, `${packages.pnpm}@${pins.pnpm}`]);
  }
  const node = join(ready, packages.node, 'bin', 'node');
  const pnpm = join(ready, packages.pnpm, 'pnpm');
  const inherited = Object.entries(process.env).filter(([name]) => !OF_NPM.test(name));
  const path = [dirname(pnpm), dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH];
  return {
    node,
    pnpm,
    key,
    env: {
      ...Object.fromEntries(inherited),
      PATH: path.join(delimiter),
      // The headers that came with this Node, and not those that a machine happens to have.
      npm_config_nodedir: join(ready, packages.node),
      TURBO_TELEMETRY_DISABLED: '1',
      TURBO_NO_UPDATE_NOTIFIER: '1',
    },
  };
}

/** Another version of Node, for checks that need one; fetched when it is first asked for. */
export async function otherNode(root, version) {
  const { node } = platformPackages();
  const folder = await provide(root, `node-${version}-${process.platform}-${process.arch}`, [`${node}@${version}`]);
  return join(folder, 'node_modules', node, 'bin', 'node');
}
