/**
 * An assignment that needs nothing of this package: the child calls a function with plain arguments. It comes besides
 * the two messages, as the first packet in the socket of the connection, and is JSON. See child/plain.ts.
 */
export interface PlainOrder {
  readonly argv: readonly string[];
  /** The module of the target, and the names by which its exports lead to it. */
  readonly url: string;
  readonly path: readonly string[];
  /** The text of the target, by which both sides know that they mean the same. */
  readonly text: string;
  readonly args: readonly PlainValue[];
}

/** What JSON can carry without loss. */
export type PlainValue = string | number | boolean | null;

/** The most that the order may take: it must fit into a socket. */
export const PLAIN_ORDER_BYTES: number = 1 << 15;
