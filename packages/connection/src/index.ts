import './pickling.ts';

export type { WaitOptions } from '@mp/native';
export type { ByteRange } from './byte-range.ts';
export type { Codec } from './codec.ts';
export { Connection, type Untyped } from './connection.ts';
export { BufferTooShortError, DirectionError, MessageTooLongError, PartlySentError } from './errors.ts';
export type { SyncWaitOptions } from './messenger.ts';
export type { Address, Family } from './network/address.ts';
export { AuthKey } from './network/authkey.ts';
export { Client, ClientSync } from './network/client.ts';
export {
  AuthenticationError,
  ConnectError,
  ConnectionLostError,
  InsecureListenerError,
  NetworkProtocolError,
} from './network/errors.ts';
export { Listener } from './network/listener.ts';
export type { ClientOptions, ListenerOptions, NetworkOptions } from './network/options.ts';
export { pickleCodec } from './network/python/codec.ts';
export type { PickleCodecOptions, PythonCall, PythonType } from './network/python/types.ts';
export { Pipe, type PipeOptions } from './pipe.ts';
export { wait, waitSync } from './wait.ts';
export { type Readiness, type Waitable, waitable } from './waitable.ts';
