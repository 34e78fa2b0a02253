/** What a worker of workerpool runs: offers the functions of the module that it is given. */
import workerpool from 'workerpool';

const [module] = process.argv.slice(2) as [string];
workerpool.worker({ ...((await import(module)) as Record<string, (...args: unknown[]) => unknown>) });
