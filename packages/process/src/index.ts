export { activeChildren, currentProcess, parentProcess } from './current.ts';
export { BootstrappingError, ProcessStateError, StartError } from './errors.ts';
export { ForkProcess } from './fork-process.ts';
export { isMainModule } from './main-module.ts';
export type { AnyArguments, ProcessOptions } from './options.ts';
export { ParentProcess } from './parent-process.ts';
export { Process } from './process.ts';
export { SpawnProcess } from './spawn-process.ts';
