import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifests } from '../setup/workspace.mjs';
import { Failure, program } from './check.mjs';

/** Packs the package in a folder; pnpm writes real versions and the published `exports` into it. */
async function packFolder(folder, destination) {
  const output = await program(folder, 'pnpm', ['pack', '--json', '--pack-destination', destination]);
  // What its scripts print stands before the result.
  const { name, filename } = JSON.parse(output.slice(output.lastIndexOf('\n{') + 1));
  return { name, path: filename.startsWith('/') ? filename : join(destination, filename) };
}

/** The folders of all packages that are published. */
export function publishedFolders(root) {
  return manifests(root)
    .filter((path) => JSON.parse(readFileSync(join(root, path), 'utf8')).private !== true)
    .map(dirname);
}

/**
 * Packs every package that is published, and the machine code for this platform, as a release would.
 *
 * @returns {Promise<{ name: string, path: string }[]>}
 */
export async function packAll(root, destination) {
  const tarballs = [];
  for (const folder of publishedFolders(root)) tarballs.push(await packFolder(join(root, folder), destination));
  if (hasPrebuilds(root)) tarballs.push(await packPlatform(root, destination));
  return tarballs;
}

/** Whether there is a way yet to make a package of the machine code. Until then the consumer gets what was built here. */
const hasPrebuilds = (root) => existsSync(join(root, 'packages/native/scripts/prebuild.mjs'));

async function packPlatform(root, destination) {
  const platform = `${process.platform}-${process.arch}`;
  const native = join(root, 'packages/native');
  await program(native, process.execPath, ['scripts/prebuild.mjs', platform]);
  const folder = readdirSync(join(native, 'prebuilds')).find((name) => name === platform);
  if (folder === undefined) throw new Failure(`scripts/prebuild.mjs left no prebuilds/${platform}`);
  return packFolder(join(native, 'prebuilds', folder), destination);
}

/** An empty project that has only the tarballs, as npm installs them for a user. */
export async function installTarballs(root, tarballs, folder) {
  mkdirSync(folder, { recursive: true });
  const files = Object.fromEntries(tarballs.map(({ name, path }) => [name, `file:${path}`]));
  const manifest = { name: 'consumer', private: true, dependencies: files, overrides: files };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  // Not one of our packages is to come from a registry: whatever is asked of this address fails. The others do, and a
  // registry may hiccup.
  const patience = 'fetch-retries=3\nfetch-retry-mintimeout=500\nfetch-retry-maxtimeout=5000\n';
  writeFileSync(join(folder, '.npmrc'), `@mp:registry=http://127.0.0.1:9/\n${patience}`);
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await program(folder, 'npm', ['install', ...quiet]);
  cpSync(join(root, 'scripts/consumer'), folder, { recursive: true });
  if (hasPrebuilds(root)) return;
  const [from, to] = [join(root, 'packages/native'), join(folder, 'node_modules/@mp/native')];
  cpSync(join(from, 'build/Release/mp_native.node'), join(to, 'build/Release/mp_native.node'));
}
