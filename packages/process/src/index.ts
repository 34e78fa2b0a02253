export { activeChildren, currentProcess, parentProcess } from './current.ts';
export { BootstrappingError, ProcessStateError, StartError } from './errors.ts';
export { Finalize, type FinalizeOptions } from './finalize.ts';
export { ForkProcess } from './fork-process.ts';
export { type PreloadOptions, setForkserverPreload } from './forkserver/preload.ts';
export { ForkServerProcess } from './forkserver-process.ts';
export {
  getLogger,
  LOG_LEVELS,
  type Logger,
  type LogHandler,
  type LogLevel,
  type LogRecord,
  logToStderr,
} from './logging.ts';
export { isMainModule } from './main-module.ts';
export type { AnyArguments, ProcessOptions } from './options.ts';
export { ParentProcess } from './parent-process.ts';
export { Process } from './process.ts';
export { SpawnProcess } from './spawn-process.ts';
