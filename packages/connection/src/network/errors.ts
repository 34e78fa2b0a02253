import { brandError, ProcessError } from '@mp/errors';

/**
 * The two sides of a connection do not have the same authkey, or one of them asks for a proof that the other cannot or
 * must not give. The connection is closed; a listener goes on listening.
 *
 * Python: `multiprocessing.AuthenticationError`.
 */
export class AuthenticationError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ERR_MP_AUTHENTICATION', ...options });
  }
}
brandError(AuthenticationError, 'AuthenticationError');

/** What came over the network cannot be read as messages: the peer speaks another protocol, or died in the middle. */
export class NetworkProtocolError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_NETWORK_PROTOCOL' });
  }
}
brandError(NetworkProtocolError, 'NetworkProtocolError');

/**
 * A connection over the network broke: the peer was killed or cut off, in the middle of a message or with messages
 * that nobody will deliver. Unlike after an orderly end (EOFError) it is not known what was lost.
 *
 * Python: `ConnectionResetError`, `TimeoutError` of the socket, `OSError: got end of file during message`.
 */
export class ConnectionLostError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ERR_MP_CONNECTION_LOST', ...options });
  }
}
brandError(ConnectionLostError, 'ConnectionLostError');

/**
 * A client could not connect. `code` is the system's: `ECONNREFUSED` nobody listens there, `ENOENT` there is no such
 * unix socket, `ENOTFOUND` there is no such host, `EHOSTUNREACH`, `EACCES`, …
 *
 * Python: `ConnectionRefusedError`, `FileNotFoundError`, `OSError`.
 */
export class ConnectError extends ProcessError {
  constructor(message: string, options: { code: string; cause?: unknown }) {
    super(message, options);
  }
}
brandError(ConnectError, 'ConnectError');

/** A listener that everybody in the network could reach, and that would ask nobody for a proof. It was not opened. */
export class InsecureListenerError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_INSECURE_LISTENER' });
  }
}
brandError(InsecureListenerError, 'InsecureListenerError');
