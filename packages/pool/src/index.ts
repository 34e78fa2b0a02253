export { AsyncResult, type Callbacks } from './async-result.ts';
export {
  BrokenPoolError,
  type LostWorker,
  MaybeEncodingError,
  PoolStateError,
  PoolTerminatedError,
  WorkerLostError,
} from './errors.ts';
export { type MapOptions, Pool, type PoolOptions, type PoolWorker } from './pool.ts';
