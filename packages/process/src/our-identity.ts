/** How the Process object is made that stands for the running process itself. @internal */
export const STANDS_FOR_US: unique symbol = Symbol('the running process');

/** @internal */
export interface OurIdentity {
  readonly name: string;
  readonly identity: readonly number[];
  readonly daemon: boolean;
}
