import type { StartMethod } from '@mp/context';
import type { LogSettings } from './logging.ts';

/**
 * What a parent tells its child through the first connection between them, in this order: one {@link Preparation}, then
 * one {@link Assignment}. Both lie in it before the child exists.
 */

/** Plain data that the child needs before it imports anything. */
export interface Preparation {
  readonly name: string;
  readonly identity: readonly number[];
  readonly daemon: boolean;
  readonly startMethod: StartMethod;
  readonly argv: readonly string[];
  readonly authkey: Uint8Array;
  readonly logging: LogSettings | undefined;
  readonly parent: { readonly pid: number; readonly name: string; readonly startTime: bigint };
}

/** What the child is to do: the Process object, taken apart. */
export interface Assignment {
  /** Its class, if that is one of the user's. */
  readonly processClass: (new (...args: never[]) => object) | undefined;
  /** What the user's class has added to the object. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly target: ((...args: never[]) => unknown) | undefined;
  readonly args: readonly unknown[];
  readonly kwargs: object | undefined;
}

/** Where in the options, or in the object of the user's class, a value of the assignment comes from. */
export const pathInOptions = (path: string): string =>
  path
    .replace(/^value\.processClass/, 'class')
    .replace(/^value\.fields/, 'this')
    .replace(/^value\./, '');

/** What a child tells its parent. */
export type Report = {
  /** An error that nobody caught, and that ends the child. */
  readonly uncaught: unknown;
};
