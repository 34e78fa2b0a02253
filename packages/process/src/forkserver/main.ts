/**
 * The program of a fork server. What it does is in start.ts.
 *
 * A function is compiled when it is first called, so what only children call would be compiled by each of them, for
 * 1.2 ms. This process is ours alone, so here all of our functions are compiled when they are loaded. What the user has
 * preloaded is compiled as everywhere.
 */
const { setFlagsFromString } = process.getBuiltinModule('node:v8');

setFlagsFromString('--no-lazy');
const { start } = await import('./start.ts');
setFlagsFromString('--lazy');
await start();

export {};
