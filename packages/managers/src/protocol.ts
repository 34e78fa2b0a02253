import type { Address } from '@mp/connection';

/**
 * What a client says to the server of a manager, and what it answers.
 *
 *     client                                     server
 *     Hello ────────────────────────────────────▶
 *     ◀──────────────────────────────── Welcome
 *     [the rest goes over a ring in shared memory, if both are on one machine]
 *     Request, Request, … ──────────────────────▶ many under way at once
 *     ◀──────────────────── Response, Response, … in the order in which they are ready
 *
 * Both count what they get. So a message that cannot even be decoded has a number, and does not leave anybody waiting.
 */

export const PROTOCOL_VERSION = 1;

/** The first message of each connection. */
export interface Hello {
  readonly version: number;
  /** The thread that calls: all of its connections say the same. Nobody else can guess it. */
  readonly client: string;
  readonly pid: number;
  /** Asks for a ring; what it gets is in the answer. */
  readonly ring: boolean;
}

export interface Welcome {
  readonly server: string;
  readonly ring: boolean;
}

export const CALL = 0;
export const CREATE = 1;
export const CONTROL = 2;
export const CANCEL = 3;
export const TICKET = 4;
export const REDEEM = 5;
export const RELEASE = 6;
export const WHICH = 7;

export type Control = 'ping' | 'shutdown' | 'numberOfObjects' | 'debugInfo';

export type Request =
  /** `signalled`: the last argument is options to which the server adds a signal of its own. */
  | readonly [
      request: number,
      kind: typeof CALL,
      object: number,
      method: string,
      args: readonly unknown[],
      signalled: boolean,
    ]
  | readonly [request: number, kind: typeof CREATE, typeid: string, args: readonly unknown[]]
  | readonly [request: number, kind: typeof CONTROL, what: Control]
  | Notice;

/** Requests that are not answered; their number is 0. */
export type Notice =
  /** The caller waits no longer for that request; it is answered all the same, if only with an AbortError. */
  | readonly [zero: 0, kind: typeof CANCEL, request: number]
  /** A proxy is about to travel: the object lives until somebody redeems the ticket, or the issuer is long gone. */
  | readonly [zero: 0, kind: typeof TICKET, object: number, ticket: number]
  /** A proxy has arrived: the client refers to the object from now on. */
  | readonly [zero: 0, kind: typeof REDEEM, object: number, issuer: string, ticket: number]
  /** A proxy is gone: the client refers to the object once less. */
  | readonly [zero: 0, kind: typeof RELEASE, object: number]
  /** The answer that was the how-manieth could not be decoded: of which request was it? */
  | readonly [zero: 0, kind: typeof WHICH, response: number];

export const RETURNED = 0;
export const THREW = 1;
/** What {@link WHICH} asked for. */
export const THAT_ONE = 2;
/** The message that was the how-manieth could not be decoded: the number is that, the value says why. */
export const NOT_DECODED = 3;

export type Response = readonly [
  request: number,
  kind: typeof RETURNED | typeof THREW | typeof THAT_ONE | typeof NOT_DECODED,
  value: unknown,
];

/** How a proxy travels. */
export interface ReducedProxy {
  readonly server: ServerDescription;
  readonly object: number;
  readonly typeid: string;
  readonly exposed: readonly string[];
  readonly issuer: string;
  readonly ticket: number;
}

/** How a process that has never heard of a server comes to it. */
export interface ServerDescription {
  readonly id: string;
  readonly address: Address;
  /** Whether functions and classes may travel to it and from it. */
  readonly trusted: boolean;
  /** Its authkey, which only processes of the same family can read. */
  readonly sealedKey: Uint8Array | undefined;
}
