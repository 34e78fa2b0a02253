/** What a forked process or a thread of a peer runs: the function `otherEnd` of the module that it is given. */
const [module] = process.argv.slice(2) as [string];
const { otherEnd } = (await import(module)) as { otherEnd(): void };
otherEnd();

export {};
