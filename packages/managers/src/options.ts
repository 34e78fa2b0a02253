import type { Address, AuthKey } from '@mp/connection';
import type { Context } from '@mp/context';
import type { WaitOptions } from '@mp/native';

/** With whom a manager speaks: programs that use this library; or Python's `multiprocessing`. */
export type Serializer = 'node' | 'python';

/** What a manager is told. */
export interface ManagerOptions {
  /**
   * Where the server listens, or is connected to: `[host, port]`, or a text, the path of a unix socket or, after a NUL
   * character, its abstract name. Default: a new abstract name, which only this machine can reach.
   */
  readonly address?: Address | undefined;
  /** The secret that server and clients share. Default: that of this family of processes. */
  readonly authkey?: AuthKey | Uint8Array | string | undefined;
  /** How the server process is started. Default: the default context. */
  readonly context?: Context | undefined;
  /** How long `shutdown` waits for the server before it is ended by force, in milliseconds. Default 1000. */
  readonly shutdownTimeout?: number | undefined;
  /**
   * In milliseconds, how long the other side may be out of reach (no power, cable cut) until it counts as lost: calls
   * give ManagerLostError, and the server releases what the client had. Default 60,000. TCP only.
   */
  readonly peerTimeout?: number | undefined;
  /**
   * Whether functions, and classes that are not registered, may travel between clients and server: whoever has the
   * authkey can then run code on the other side. Default: on this machine (a text as address), yes; over a network, no.
   */
  readonly trusted?: boolean | undefined;
  /**
   * `'python'`: the other side is a manager of CPython, or a client of one. Plain data travels, pickled; nothing that is
   * received names code. Default: `'node'`.
   */
  readonly serializer?: Serializer | undefined;
}

/** What is done first in the process of a server. */
export interface StartOptions extends WaitOptions {
  /** An exported function that is called before anything is served. */
  readonly initializer?: ((...args: never[]) => unknown) | undefined;
  /** What the initializer is called with. They are pickled, except by `fork`. Default: nothing. */
  readonly initargs?: readonly unknown[] | undefined;
}

/** What a type is registered with. */
export interface RegisterOptions {
  /**
   * What makes the objects: a class, or a function that returns an object, or a promise of one. It has to be exported,
   * unless the server runs in this process or is forked. Default: none; for results of methods only.
   */
  readonly create?: unknown;
  /** The class of the proxies. Default: the methods are found by looking at the object. */
  readonly proxyType?: unknown;
  /** Which methods clients may call. Default: those of the proxy class, else all public ones without an underscore. */
  readonly exposed?: readonly string[] | undefined;
  /** Which methods return proxies instead of copies, and of which registered type. */
  readonly methodToTypeid?: Readonly<Record<string, string>> | undefined;
  /** Whether the manager gets a method to create such objects. Default: true. */
  readonly createMethod?: boolean | undefined;
}

const SERIALIZERS: readonly unknown[] = ['node', 'python'] satisfies Serializer[];

/** @throws RangeError, TypeError */
export function checkOptions({ serializer = 'node', shutdownTimeout = 0 }: ManagerOptions): void {
  if (!SERIALIZERS.includes(serializer)) {
    throw new TypeError(
      `serializer is ${String(serializer)}: it must be 'node', or 'python' for a Python on the other side.`,
    );
  }
  if (typeof shutdownTimeout === 'number' && shutdownTimeout >= 0) return;
  throw new RangeError(
    `shutdownTimeout is ${String(shutdownTimeout)}: it must be a number of milliseconds, 0 or more.`,
  );
}
