import type { ConnectionOptions, TlsOptions } from 'node:tls';
import type { WaitOptions } from '@mp/native';
import type { Codec } from '../codec.ts';
import type { Family } from './address.ts';
import { AuthKey } from './authkey.ts';
import type { HandshakeOptions } from './handshake.ts';
import { networkTrustingCodec, untrustingCodec } from './plain-codec.ts';
import { pickleCodec } from './python/codec.ts';
import { DEFAULT_PEER_TIMEOUT } from './socket-options.ts';

/** What a listener and a client are told alike. Both sides need the same authkey and the same codec. */
export interface NetworkOptions {
  /** Default: what the address looks like. `'AF_INET6'` for names that mean an IPv6 address. */
  readonly family?: Family | undefined;
  /** The secret by which both sides prove to each other who they are. Default: none, nobody proves anything. */
  readonly authkey?: AuthKey | Uint8Array | string | undefined;
  /** Accept HMAC-MD5 in the handshake, which is all that CPython 3.11 and older can do. Default false. */
  readonly allowMd5?: boolean | undefined;
  /**
   * How objects travel.
   *
   * - `'plain'` (default): as between processes, but nothing that is received names code to load: plain data, built-in
   *   types, errors, and classes that this side has registered with `untrusted: true`.
   * - `'trusted'`: as between processes: functions and classes by reference. Needs an authkey or certificates of both
   *   sides, and whoever has them can run code here.
   * - `'pickle'`: for Python peers: None, bool, int, float, str, bytes, list, tuple, dict, set, nested.
   * - a codec of your own, such as `pickleCodec({ … })`.
   */
  readonly codec?: 'plain' | 'trusted' | 'pickle' | Codec | undefined;
  /** The longest message to receive, in bytes. Default 256 MiB. Of peers that are not let in yet: 256 bytes. */
  readonly maxFrame?: number | undefined;
  /**
   * In milliseconds, how long a peer may be out of reach (no power, cable cut) until the connection counts as lost.
   * Default 60,000; Infinity: until something is sent and TCP gives up, or for ever. TCP only.
   */
  readonly peerTimeout?: number | undefined;
}

/** How a {@link Listener} listens. */
export interface ListenerOptions extends NetworkOptions {
  /** How many connections may wait in the kernel to be accepted. Default 128 (Python: 1). */
  readonly backlog?: number | undefined;
  /** In milliseconds, how long a client has to prove who it is. Default 10,000. */
  readonly handshakeTimeout?: number | undefined;
  /** How many clients may be proving it at once. When one more comes the oldest is dropped. Default 256. */
  readonly maxHandshakes?: number | undefined;
  /** Speak TLS: key, certificate and so on as for `tls.createServer`. Promise form only. */
  readonly tls?: TlsOptions | undefined;
  /** Is told why a client was not let in. It must not throw. Default: nobody is told. */
  readonly onRejected?: ((error: Error) => void) | undefined;
}

/** How {@link Client} connects. */
export interface ClientOptions extends NetworkOptions, WaitOptions {
  /** In milliseconds, for everything: name, connection, TLS, handshake. Default 30,000; Infinity: for ever. */
  readonly timeout?: number | undefined;
  /** Speak TLS: authorities, certificate and so on as for `tls.connect`. Promise form only. */
  readonly tls?: ConnectionOptions | undefined;
}

const DEFAULT_MAX_FRAME = 2 ** 28;

/** The options of both, checked, and with their defaults. */
export interface NetworkSettings {
  readonly codec: Codec;
  readonly maxFrame: number;
  readonly peerTimeout: number;
  readonly handshake: HandshakeOptions | undefined;
}

/** @param proven - whether the peers prove who they are by certificates */
export function networkSettings(options: NetworkOptions, proven: boolean): NetworkSettings {
  const key = options.authkey === undefined ? undefined : AuthKey.from(options.authkey);
  if (options.codec === 'trusted' && !proven && (key === undefined || key.empty)) {
    throw invalid(
      "codec: 'trusted' lets the peer run code in this process, so it needs an authkey, or certificates of both sides.",
    );
  }
  return {
    codec: codecOf(options.codec ?? 'plain'),
    maxFrame: positive('maxFrame', options.maxFrame ?? DEFAULT_MAX_FRAME),
    peerTimeout: positive('peerTimeout', options.peerTimeout ?? DEFAULT_PEER_TIMEOUT),
    handshake: key && { key, digest: 'sha256', allowMd5: options.allowMd5 ?? false },
  };
}

function codecOf(codec: 'plain' | 'trusted' | 'pickle' | Codec): Codec {
  if (codec === 'plain') return untrustingCodec;
  if (codec === 'trusted') return networkTrustingCodec;
  if (codec === 'pickle') return pickleCodec();
  if (typeof codec?.pickle === 'function' && typeof codec.unpickler?.finish === 'function') return codec;
  throw invalid(`codec is ${String(codec)}: it must be 'plain', 'trusted', 'pickle' or a codec.`);
}

export function positive(name: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value;
  throw Object.assign(new RangeError(`${name} is ${String(value)}: it must be a number above 0.`), {
    code: 'ERR_OUT_OF_RANGE',
  });
}

export function positiveInteger(name: string, value: number): number {
  if (Number.isInteger(value)) return positive(name, value);
  throw Object.assign(new RangeError(`${name} is ${String(value)}: it must be an integer above 0.`), {
    code: 'ERR_OUT_OF_RANGE',
  });
}

const invalid = (message: string): TypeError =>
  Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' });
