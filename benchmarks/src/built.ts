import { existsSync, readFileSync } from 'node:fs';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The packages that are measured: those of ours that this one depends on. */
function measuredPackages(): string[] {
  // From src/ and from dist/ alike.
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return Object.keys((JSON.parse(text) as Manifest).dependencies).filter((name) => name.startsWith('@mp/'));
}

/**
 * Why what would be measured is not what users get: sources instead of the built packages, or nothing at all.
 *
 * This module imports nothing of the packages: they may not be there.
 *
 * @returns undefined if all is well
 */
export function notBuilt(
  resolve: (name: string) => string = import.meta.resolve,
  names: readonly string[] = measuredPackages(),
): string | undefined {
  for (const name of names) {
    const url = new URL(resolve(name));
    if (!url.pathname.includes('/dist/')) {
      return `${name} is ${url.pathname}, which is not what is published: run without --conditions=@mp/source.`;
    }
    if (!existsSync(url)) return `${name} is not built: run \`npm run bench\`, which builds first.`;
  }
  return undefined;
}
