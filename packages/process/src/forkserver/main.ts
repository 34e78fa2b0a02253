/**
 * The program of a fork server. What it does is in start.ts.
 *
 * A function is compiled when it is first called, so what only children call would be compiled by each of them: 2 of
 * the 12 ms that a start took. This process is ours alone, so here all of our functions are compiled when they are
 * loaded, and stay so. What the user has preloaded is compiled as everywhere.
 */
const { setFlagsFromString } = process.getBuiltinModule('node:v8');

setFlagsFromString('--no-lazy');
const { start } = await import('./start.ts');
setFlagsFromString('--lazy');
await start();

export {};
