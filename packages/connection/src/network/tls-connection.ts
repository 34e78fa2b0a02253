import type { TlsOptions } from 'node:tls';
import { Connection, type Untyped } from '../connection.ts';

/** A connection whose bytes go through TLS, which needs the event loop: the forms that block the thread are refused. */
export class TlsConnection<In = Untyped, Out = Untyped> extends Connection<In, Out> {
  /** @internal */
  static refusal(method: string): TypeError {
    const promise = method.replace(/Sync$/, '');
    return Object.assign(
      new TypeError(
        `${method}: this connection speaks TLS, which needs the event loop that the call would block. Use ${promise}.`,
      ),
      { code: 'ERR_MP_TLS_SYNC' },
    );
  }

  override sendSync(): never {
    throw TlsConnection.refusal('sendSync');
  }

  override recvSync(): never {
    throw TlsConnection.refusal('recvSync');
  }

  override sendBytesSync(): never {
    throw TlsConnection.refusal('sendBytesSync');
  }

  override recvBytesSync(): never {
    throw TlsConnection.refusal('recvBytesSync');
  }

  override recvBytesIntoSync(): never {
    throw TlsConnection.refusal('recvBytesIntoSync');
  }

  override pollSync(): never {
    throw TlsConnection.refusal('pollSync');
  }
}

/** Whether a listener with these options lets in only clients with certificates that it can check. */
export const provesClients = (tls: TlsOptions | undefined): boolean =>
  tls !== undefined && tls.requestCert === true && tls.rejectUnauthorized !== false && tls.ca !== undefined;
