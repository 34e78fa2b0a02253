import { createRequire } from 'node:module';
import { childExecArguments } from './exec-arguments.ts';

/** Our packages that a child loads before it comes to what it is to run. */
const PACKAGES: readonly string[] = [
  '@mp/errors',
  '@mp/native',
  '@mp/reduction',
  '@mp/connection/internal',
  '@mp/context',
];

/** Options by which somebody has a say in where modules are, or wants to see each of them. */
const OTHERS_RESOLVE: RegExp = /(?:^|\s)(?:--(?:import|require|loader|experimental-loader|preserve-symlinks)\b|-r\b)/;

let found: string | undefined;

/**
 * Where our packages are, for children, which need not look then: finding a dozen files through folders, links and
 * package.json files costs them 4 ms. Empty if they are to look by themselves.
 *
 * It is what this process has found, for itself and for each of the packages. If one of them would find another copy
 * than we do, nothing is told: which class is which must not depend on it.
 */
export function packageLocations(options: readonly string[] = childExecArguments()): string {
  if (othersResolve(options)) return '';
  found ??= findPackages();
  return found;
}

/** Whether options load other modules into children before ours, or say where modules are. */
export const othersResolve = (options: readonly string[] = childExecArguments()): boolean =>
  OTHERS_RESOLVE.test([...options, process.env.NODE_OPTIONS ?? ''].join(' '));

function findPackages(): string {
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  const ours = createRequire(import.meta.url);
  const paths = new Map(PACKAGES.map((name) => [name, ours.resolve(name)]));
  for (const place of paths.values()) {
    const theirs = createRequire(place);
    for (const [name, path] of paths) {
      const other = resolveIfThere(theirs, name);
      if (other !== undefined && other !== path) return '';
    }
  }
  return JSON.stringify([...paths].map(([name, path]) => [name, pathToFileURL(path).href]));
}

/** What a package does not depend on, it need not find. */
function resolveIfThere(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}
