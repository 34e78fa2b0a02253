import { existsSync } from 'node:fs';

/** Whatever is measured. */
const PACKAGES = ['@mp/connection', '@mp/context', '@mp/errors', '@mp/pool', '@mp/process'];

/**
 * Why what would be measured is not what users get: sources instead of the built packages, or nothing at all.
 *
 * It imports nothing of the packages: they may not be there.
 *
 * @returns undefined if all is well
 */
export function notBuilt(resolve: (name: string) => string = import.meta.resolve): string | undefined {
  for (const name of PACKAGES) {
    const url = new URL(resolve(name));
    if (!url.pathname.includes('/dist/')) {
      return `${name} is ${url.pathname}, which is not what is published: run without --conditions=@mp/source.`;
    }
    if (!existsSync(url)) return `${name} is not built: run \`npm run bench\`, which builds first.`;
  }
  return undefined;
}
