// The two halves of a release, for .github/workflows/release.yml: `version` turns the changesets into versions and
// CHANGELOGs; `publish [--dry-run]` builds and publishes what the registry does not have yet.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './setup/run.mjs';
import { presentable, SetupError } from './setup/say.mjs';
import { command, root } from './setup/set-up.mjs';

/** The platforms that a release needs machine code for; made beforehand, each on a machine that can. */
const PLATFORMS = ['linux-x64', 'linux-arm64'];

const readManifest = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));

async function run(program, args, cwd = root) {
  const { ok, output, end } = await capture(program, args, { cwd, env: process.env });
  if (!ok) throw new SetupError(`${program} ${args.join(' ')}: ${end}\n${presentable(output)}`);
  console.log(presentable(output));
}

/** The folders with the packages of machine code; all of them there, and of the version that @mp/native asks for. */
function platformFolders() {
  const { version } = readManifest('packages/native');
  return PLATFORMS.map((platform) => {
    const folder = join('packages/native/prebuilds', platform);
    if (!existsSync(join(root, folder, 'package.json'))) {
      throw new SetupError(`${folder} is not there: run node packages/native/scripts/prebuild.mjs ${platform}`);
    }
    const manifest = readManifest(folder);
    if (manifest.version === version) return { folder, ...manifest };
    throw new SetupError(`${folder} is of version ${manifest.version}, but @mp/native of ${version}: make it anew`);
  });
}

async function isPublished({ name, version }) {
  const { ok, output } = await capture('npm', ['view', `${name}@${version}`, 'version'], {
    cwd: root,
    env: process.env,
  });
  return ok && presentable(output) === version;
}

async function publish(dryRun) {
  await run('turbo', ['run', 'build', '--output-logs=errors-only', '--ui=stream']);
  // First what the others need: a version of @mp/native whose machine code is not there yet could not be installed.
  for (const { folder, name, version } of platformFolders()) {
    if (!dryRun && (await isPublished({ name, version }))) continue;
    const flags = ['--access', 'public', '--no-git-checks', ...(dryRun ? ['--dry-run'] : [])];
    await run('pnpm', ['publish', ...flags], join(root, folder));
  }
  if (dryRun) await run('pnpm', ['-r', 'publish', '--access', 'public', '--no-git-checks', '--dry-run']);
  else await run('changeset', ['publish']);
}

await command(async ([half, ...flags]) => {
  if (half === 'version') return run('changeset', ['version']);
  if (half === 'publish') return publish(flags.includes('--dry-run'));
  throw new SetupError('usage: node scripts/tool.mjs node scripts/release.mjs version | publish [--dry-run]');
});
