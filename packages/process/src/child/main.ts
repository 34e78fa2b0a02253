/**
 * The program of a spawned child. Its parent's side is launch/spawn.ts; what it does is in plain.ts for a plain
 * order, and in start.ts for any other.
 *
 * Finding, reading and compiling our modules takes a third of the time that a child takes to start. Node can keep what
 * it has compiled, and be told where modules are, but only for modules that are loaded after that: so this one imports
 * next to nothing.
 */
import { startPlain } from './plain.ts';

const [, , compileCache, locations, addonFile] = process.argv;
const { enableCompileCache, registerHooks } = process.getBuiltinModule('node:module');

if (compileCache) enableCompileCache(compileCache);
if (addonFile) startPlain(addonFile, tellLocations);
else await startFull();

async function startFull(): Promise<void> {
  const told = tellLocations();
  const { start } = await import('./start.ts');
  told?.deregister();
  start();
}

/** While our packages are loaded. What the user's modules import is found as everywhere. */
function tellLocations(): { deregister(): void } | undefined {
  return locations ? registerHooks({ resolve: resolver(new Map(JSON.parse(locations))) }) : undefined;
}

/** Answers for what our packages import of each other and of themselves. */
function resolver(packages: ReadonlyMap<string, string>): import('node:module').ResolveHookSync {
  const folders = [new URL('..', import.meta.url).href];
  for (const url of packages.values()) folders.push(new URL('.', url).href);
  return (specifier, context, next) => {
    const importer = context.parentURL;
    if (importer === undefined || !folders.some((folder) => importer.startsWith(folder)))
      return next(specifier, context);
    const url = /^\.\.?\/.*\.[jt]s$/.test(specifier) ? new URL(specifier, importer).href : packages.get(specifier);
    if (url === undefined) return next(specifier, context);
    return { url, format: url.endsWith('.ts') ? 'module-typescript' : 'module', shortCircuit: true };
  };
}
