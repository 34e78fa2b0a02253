/**
 * The program of a spawned child. Its parent's side is launch/spawn.ts; what it does is in start.ts.
 *
 * Compiling our modules, and the user's, takes a fifth of the time that a child takes to start. Node can keep what it has
 * compiled, but only for modules that are loaded after it was told to: so this one imports nothing.
 */
const [, , compileCache] = process.argv;
if (compileCache) process.getBuiltinModule('node:module').enableCompileCache(compileCache);
await import('./start.ts');

export {};
