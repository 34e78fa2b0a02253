import type { Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket, TlsOptions } from 'node:tls';
import { closeDescriptor, READABLE, WRITABLE } from '@mp/native';
import type { ByteStream } from './byte-stream.ts';
import { TlsConnection } from './tls-connection.ts';

/** So much is encrypted at once: what has been taken is not yet sent until the kernel has it. */
const MOST_AT_ONCE = 1 << 16;

/** TLS over a connected socket, by node:tls. Only the event loop moves it. */
export class TlsStream implements ByteStream {
  readonly fileno: number;
  readonly spinnable = false;
  /** The socket below, which has the descriptor. */
  readonly #raw: Socket;
  #tls: TLSSocket | undefined;
  #established = false;
  #error: Error | undefined;
  #eof = false;
  #sending = false;
  #chunk: Buffer | undefined;
  #events = 0;
  #wake: (() => void) | undefined;

  private constructor(descriptor: number) {
    this.fileno = descriptor;
    this.#raw = socketOf(descriptor);
    // Errors of the layer below come through that above; but before there is one they would end the program.
    this.#raw.on('error', this.#fail);
    this.#raw.unref();
  }

  /** The listener's side. Takes over the descriptor, also when it throws. */
  static accept(descriptor: number, options: TlsOptions): TlsStream {
    const stream = new TlsStream(descriptor);
    return stream.#orDestroy(() => {
      // A server that listens to nothing: it is what checks the certificates of clients.
      const server = process.getBuiltinModule('node:tls').createServer(options);
      server.once('secureConnection', (socket) => {
        stream.#carry(socket);
        stream.#establish();
      });
      server.once('tlsClientError', stream.#fail);
      server.emit('connection', stream.#raw);
    });
  }

  /** The client's side. Takes over the descriptor, also when it throws. */
  static connect(descriptor: number, options: ConnectionOptions): TlsStream {
    const stream = new TlsStream(descriptor);
    return stream.#orDestroy(() => {
      const { connect } = process.getBuiltinModule('node:tls');
      const socket = connect({ ...options, socket: stream.#raw });
      stream.#carry(socket);
      socket.once('secureConnect', stream.#establish);
    });
  }

  get established(): boolean {
    if (this.#error !== undefined) throw this.#error;
    return this.#established;
  }

  get flushed(): boolean {
    return !this.#sending;
  }

  get pollable(): number {
    throw TlsConnection.refusal('waitSync');
  }

  receive(bytes: Uint8Array, start: number, end: number): number {
    const chunk = this.#chunk ?? (this.#tls?.read() as Buffer | null | undefined) ?? undefined;
    if (chunk === undefined) {
      if (this.#error !== undefined) throw this.#error;
      return this.#eof ? 0 : -1;
    }
    const count = Math.min(chunk.length, end - start);
    bytes.set(chunk.subarray(0, count), start);
    this.#chunk = count === chunk.length ? undefined : chunk.subarray(count);
    return count;
  }

  send(
    first: Uint8Array,
    firstStart: number,
    firstEnd: number,
    second: Uint8Array,
    secondStart: number,
    secondEnd: number,
  ): number {
    if (this.#error !== undefined) throw this.#error;
    if (this.#tls?.writable === false) throw ended();
    if (!this.#established || this.#sending) return -1;
    const head = Buffer.from(first.subarray(firstStart, Math.min(firstEnd, firstStart + MOST_AT_ONCE)));
    const tail = second.subarray(secondStart, Math.min(secondEnd, secondStart + MOST_AT_ONCE - head.length));
    const bytes = Buffer.concat([head, tail]);
    this.#sending = true;
    this.#tls?.write(bytes, () => {
      this.#sending = false;
      if (this.#events & WRITABLE) this.#wake?.();
    });
    return bytes.length;
  }

  watch(events: number, wake: () => void): void {
    this.#events = events;
    this.#wake = events === 0 ? undefined : wake;
  }

  keepLoopAlive(keep: boolean): void {
    if (keep) this.#raw.ref();
    else this.#raw.unref();
  }

  close(): void {
    this.#wake = undefined;
    this.#chunk = undefined;
    if (this.#tls === undefined || !this.#established) this.#raw.destroy();
    else this.#tls.destroySoon();
  }

  readonly #fail = (error: Error): void => {
    this.#error ??= error;
    this.#wake?.();
  };

  readonly #establish = (): void => {
    this.#established = true;
    this.#wake?.();
  };

  #orDestroy(begin: () => void): this {
    try {
      begin();
      return this;
    } catch (error) {
      this.#raw.destroy();
      throw error;
    }
  }

  #carry(socket: TLSSocket): void {
    this.#tls = socket;
    socket.on('error', this.#fail);
    socket.on('readable', () => {
      if (this.#events & READABLE) this.#wake?.();
    });
    socket.on('end', () => {
      this.#eof = true;
      this.#wake?.();
    });
    socket.on('close', () => {
      this.#eof = true;
      this.#sending = false;
      this.#wake?.();
    });
  }
}

function socketOf(descriptor: number): Socket {
  try {
    const { Socket } = process.getBuiltinModule('node:net');
    return new Socket({ fd: descriptor, readable: true, writable: true });
  } catch (error) {
    closeDescriptor(descriptor);
    throw error;
  }
}

const ended = (): Error => Object.assign(new Error('EPIPE: the peer has ended the connection'), { code: 'EPIPE' });
