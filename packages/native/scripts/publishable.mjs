/**
 * Makes what is published as @mp/native, in prebuilds/package: run by `pnpm pack` and `pnpm publish` (prepack), which
 * then pack that folder (publishConfig.directory).
 *
 * It differs from this folder in one thing that pnpm cannot do: it depends on the packages of the platforms, in its
 * own version. Here that would be a dependency on packages that no registry has yet.
 */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJson } from './json.mjs';

const inPackage = (...path) => join(fileURLToPath(new URL('..', import.meta.url)), ...path);

/** The version of another package of the workspace; a published package asks for exactly that. */
const versionOf = (name) => readJson(inPackage('..', name.replace('@mp/', ''), 'package.json')).version;

function manifest() {
  const { scripts, devDependencies, gypfile, publishConfig, dependencies, ...kept } = readJson(
    inPackage('package.json'),
  );
  const platforms = Object.keys(readJson(inPackage('scripts/targets.json')));
  return {
    ...kept,
    exports: publishConfig.exports,
    publishConfig: { access: publishConfig.access },
    dependencies: Object.fromEntries(Object.keys(dependencies).map((name) => [name, versionOf(name)])),
    optionalDependencies: Object.fromEntries(platforms.map((platform) => [`@mp/native-${platform}`, kept.version])),
  };
}

function publishable() {
  if (!existsSync(inPackage('dist/index.js')))
    throw new Error('dist/ is missing: run pnpm --filter @mp/native build first.');
  const unfinished = inPackage('prebuilds', `.package.${process.pid}`);
  const finished = inPackage('prebuilds/package');
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  for (const name of ['dist', 'README.md', 'CHANGELOG.md', '../../LICENSE']) {
    if (existsSync(inPackage(name)))
      cpSync(inPackage(name), join(unfinished, name.split('/').at(-1)), { recursive: true });
  }
  rmSync(finished, { recursive: true, force: true });
  renameSync(unfinished, finished);
}

try {
  publishable();
} catch (error) {
  console.error(`publishable: ${error.message}`);
  process.exitCode = 1;
}
