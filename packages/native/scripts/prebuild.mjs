/**
 * Makes the packages of the platforms, ready to be published: `node scripts/prebuild.mjs [linux-x64|linux-arm64|all]`.
 * Each is a folder of prebuilds/: a package.json from npm/<platform>/ with the version of @mp/native, and the binary.
 * Without an argument: that of this machine. The other one is compiled across.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBinary } from './binary.mjs';
import { findHeaders } from './headers.mjs';
import { readJson } from './json.mjs';
import { requireTool, run } from './tool.mjs';

const packageRoot = fileURLToPath(new URL('..', import.meta.url));
const inPackage = (...path) => join(packageRoot, ...path);

const targets = readJson(inPackage('scripts/targets.json'));
const flags = readJson(inPackage('scripts/compiler-flags.json'));
const host = `${process.platform}-${process.arch}`;

function compilerFor(platform) {
  const { compiler, debian } = targets[platform];
  if (platform === host) {
    const own = process.env.CC ?? 'cc';
    requireTool(
      own,
      `to compile for ${platform}`,
      'Install a C compiler, or name one in CC (Debian: apt-get install gcc).',
    );
    return own;
  }
  requireTool(compiler, `to compile for ${platform} on ${host}`, `Debian: apt-get install ${debian}.`);
  return compiler;
}

function compile(platform, output) {
  const compiler = compilerFor(platform);
  const sources = readdirSync(inPackage('src/addon')).filter((name) => name.endsWith('.c'));
  console.log(`Compiling ${sources.length} files for ${platform} with ${compiler}.`);
  mkdirSync(dirname(output), { recursive: true });
  run(compiler, [
    '-DNAPI_VERSION=9',
    ...flags.compile,
    ...targets[platform].compile,
    `-I${join(findHeaders().directory, 'include/node')}`,
    ...sources.map((name) => inPackage('src/addon', name)),
    '-shared',
    '-s',
    ...flags.link,
    '-o',
    output,
  ]);
  checkBinary(output);
}

function prebuild(platform) {
  // Elsewhere first, so that a half-made package is never taken for a whole one.
  const unfinished = inPackage('prebuilds', `.${platform}.${process.pid}`);
  const finished = inPackage('prebuilds', platform);
  rmSync(unfinished, { recursive: true, force: true });
  try {
    compile(platform, join(unfinished, 'mp_native.node'));
    const { version } = readJson(inPackage('package.json'));
    const manifest = { ...readJson(inPackage('npm', platform, 'package.json')), version };
    writeFileSync(join(unfinished, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    writeFileSync(join(unfinished, 'README.md'), `# ${manifest.name}\n\n${manifest.description}\n`);
    copyFileSync(inPackage('../../LICENSE'), join(unfinished, 'LICENSE'));
    rmSync(finished, { recursive: true, force: true });
    renameSync(unfinished, finished);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  console.log(`${finished}: ${readFileSync(join(finished, 'mp_native.node')).length} bytes`);
}

try {
  const wanted = process.argv[2] ?? host;
  const platforms = wanted === 'all' ? Object.keys(targets) : [wanted];
  for (const platform of platforms) {
    if (!(platform in targets)) {
      throw new Error(`${platform} is not supported; there are ${Object.keys(targets).join(', ')} and all.`);
    }
    prebuild(platform);
  }
} catch (error) {
  console.error(`prebuild: ${error.message}`);
  process.exitCode = 1;
}
