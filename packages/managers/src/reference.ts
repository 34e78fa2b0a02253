import type { WaitOptions } from '@mp/native';
import type { ReducedProxy } from './protocol.ts';

/** What a proxy has: how to reach its object. Of an object in another process, or of one in this very process. */
export interface Reference {
  readonly typeid: string;
  /** The methods that may be called. */
  readonly exposed: readonly string[];
  /** What the object is called in messages: `'dict' 3 of \0mp-…`. */
  readonly label: string;
  call(method: string, args: readonly unknown[], options?: WaitOptions): Promise<unknown>;
  callSync(method: string, args: readonly unknown[], options?: { readonly timeout?: number | undefined }): unknown;
  /** How a copy of the proxy travels. The object is kept alive until it has arrived. */
  reduce(): ReducedProxy;
  /** It does not travel after all. */
  takeBack(reduced: ReducedProxy): void;
  /** This process does not refer to the object by this reference any more. Releasing again does nothing. */
  release(): void;
}

/** Methods that every object has beside its own: a copy of it, and how it looks. */
export const VALUE_OF = '#value';
export const TEXT_OF = '#text';
