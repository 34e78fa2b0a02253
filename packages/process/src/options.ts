import type { Context } from '@mp/context';

/** The arguments of any function. */
// biome-ignore lint/suspicious/noExplicitAny: any function may be a target; its arguments are checked against it.
export type AnyArguments = any[];

type WithoutLast<P extends AnyArguments> = Required<P> extends [...infer Others, unknown] ? Others : [];
type LastOf<P extends AnyArguments> = Required<P> extends [...AnyArguments, infer Last] ? Last : never;

/** What a process is to run: a function, and arguments that fit it. */
type Call<Params extends AnyArguments> =
  | ({
      /** The function that the process runs: exported by a module, or wrapped by `callable`. Undefined: nothing is run. */
      readonly target?: ((...args: Params) => unknown) | undefined;
      readonly kwargs?: undefined;
    } & ([] extends Params
      ? { readonly args?: Readonly<NoInfer<Params>> | undefined }
      : {
          /** Its arguments. */
          readonly args: Readonly<NoInfer<Params>>;
        }))
  | {
      readonly target: (...args: Params) => unknown;
      /** Its arguments but the last. */
      readonly args?: Readonly<WithoutLast<NoInfer<Params>>> | undefined;
      /** Named arguments: one object, passed as the last argument. */
      readonly kwargs: LastOf<NoInfer<Params>> & object;
    };

/** What a `Process` is to do, and how it is called. */
export type ProcessOptions<Params extends AnyArguments = AnyArguments> = Call<Params> & {
  /** How the process is called in messages; default `Process-1`, `Process-2`, …, and `Process-2:1` for a child's child. */
  readonly name?: string | undefined;
  /** Whether it is ended together with this process instead of being waited for. Default: what this process is itself. */
  readonly daemon?: boolean | undefined;
  /** Whose start method is used. Default: the default context. */
  readonly context?: Context | undefined;
};
