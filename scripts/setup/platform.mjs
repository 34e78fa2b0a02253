import { SetupError } from './say.mjs';

/** The platforms for which npm has both a Node and a pnpm as packages that hold just the program. */
const KNOWN = new Set(['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64']);

/** Whether this is a Linux without glibc, such as Alpine. */
export function isMusl() {
  process.report.excludeNetwork = true;
  return process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined;
}

/**
 * The npm packages that hold Node and pnpm for this machine.
 *
 * @returns {{ node: string, pnpm: string }}
 */
export function platformPackages({ platform = process.platform, arch = process.arch, musl = false } = {}) {
  const name = `${platform}-${arch}`;
  if (!KNOWN.has(name) || musl) {
    const what = musl ? `${name} with musl` : name;
    throw new SetupError(
      `there is no ready-made development toolchain for ${what}; the repository is developed on Linux with glibc, ` +
        'x64 or arm64. The packages themselves run on more platforms: see packages/native/README.md.',
    );
  }
  return { node: `node-${name}`, pnpm: `@pnpm/exe.${name}` };
}
