import './pickling.ts';

export type { ByteRange } from './byte-range.ts';
export { Connection, type Untyped } from './connection.ts';
export { BufferTooShortError, DirectionError, MessageTooLongError, PartlySentError } from './errors.ts';
export type { SyncWaitOptions } from './messenger.ts';
export { Pipe, type PipeOptions } from './pipe.ts';
export { wait, waitSync } from './wait.ts';
export { type Readiness, type Waitable, waitable } from './waitable.ts';
