import { brandError, ProcessError } from '@mp/errors';

/**
 * A received message was longer than the room for it. The whole message is in `bytes`, so nothing is lost.
 *
 * Python: `multiprocessing.BufferTooShort`, with the message in `args[0]`.
 */
export class BufferTooShortError extends ProcessError {
  /** The message, complete. */
  readonly bytes: Buffer;

  constructor(message: string, bytes: Buffer) {
    super(message, { code: 'ERR_MP_BUFFER_TOO_SHORT' });
    this.bytes = bytes;
  }
}
brandError(BufferTooShortError, 'BufferTooShortError');

/**
 * A message was longer than the `maxLength` that the receiver allows. The message is dropped, and the connection can
 * be read no more: its peer does not keep to what was agreed.
 *
 * Python: `OSError: bad message length`, with the same consequence.
 */
export class MessageTooLongError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_MESSAGE_TOO_LONG' });
  }
}
brandError(MessageTooLongError, 'MessageTooLongError');

/** A receiving operation on a write-only connection, or a sending one on a read-only connection. */
export class DirectionError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_DIRECTION' });
  }
}
brandError(DirectionError, 'DirectionError');

/**
 * A wait to send was ended by its time-out or signal (`cause`) when part of the message was on its way over the network
 * already. The message is finished in the background when the peer reads on; to send it again would send it twice.
 *
 * A pipe never throws this: there a message goes whole or not at all.
 */
export class PartlySentError extends ProcessError {
  constructor(message: string, options: { cause: unknown }) {
    super(message, { code: 'ERR_MP_PARTLY_SENT', cause: options.cause });
  }
}
brandError(PartlySentError, 'PartlySentError');
