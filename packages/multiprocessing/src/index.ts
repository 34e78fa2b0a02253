export {
  BufferTooShortError,
  type ByteRange,
  Connection,
  DirectionError,
  MessageTooLongError,
  Pipe,
  type PipeOptions,
  type SyncWaitOptions,
  type Waitable,
  wait,
  waitSync,
} from '@mp/connection';
export {
  getAllStartMethods,
  getExecutable,
  getStartMethod,
  type StartMethod,
  StartMethodError,
  setExecutable,
  setStartMethod,
} from '@mp/context';
export {
  AbortError,
  BrokenPipeError,
  ClosedError,
  DeadlockError,
  EOFError,
  ProcessError,
  TimeoutError,
} from '@mp/errors';
export {
  AsyncResult,
  BrokenPoolError,
  type Callbacks,
  type MapOptions,
  MaybeEncodingError,
  Pool,
  type PoolOptions,
  PoolStateError,
  PoolTerminatedError,
  type PoolWorker,
  WorkerLostError,
} from '@mp/pool';
export {
  activeChildren,
  BootstrappingError,
  currentProcess,
  isMainModule,
  ParentProcess,
  Process,
  type ProcessOptions,
  ProcessStateError,
  parentProcess,
  SpawnProcess,
  StartError,
} from '@mp/process';
export {
  callable,
  disassemble,
  dumps,
  loads,
  loadsSync,
  ModuleNotLoadedError,
  PicklingError,
  type Registration,
  register,
  registerFunction,
  UnpicklingError,
} from '@mp/reduction';
export { getContext, MultiprocessingContext } from './context.ts';
export { cpuCount } from './cpu-count.ts';
