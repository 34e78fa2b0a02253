import { StartMethodError } from './errors.ts';
import { checkStartMethod, START_METHODS, type StartMethod } from './start-method.ts';
import { methodOfThisChild } from './this-child.ts';

/**
 * A choice of start method, handed to whatever starts processes: `new Process({ context })`, `new Pool({ context })`.
 *
 * There is one default context, whose method can be set once, and one concrete context for each method, which has only
 * that. The façade `@mp/multiprocessing` has contexts with every factory on them; they extend this class.
 *
 * Python: `multiprocessing.context.BaseContext`. Here a context is a floor that others build on and knows nothing of
 * what is built: packages cannot import each other in a circle, as Python's modules do.
 *
 * @example
 * ```ts
 * const pool = new Pool({ context: getContext('forkserver') });
 * ```
 */
export class Context {
  readonly #concrete: StartMethod | undefined;
  #chosen: StartMethod | undefined;

  /** @param concrete - the only method of this context; undefined: it can be chosen */
  constructor(concrete?: StartMethod) {
    this.#concrete = concrete === undefined ? undefined : checkStartMethod(concrete);
  }

  /**
   * The method by which this context starts processes.
   *
   * Asking settles it: if nothing was chosen, it is the default from now on. With `allowNone` nothing is settled, and
   * the answer is undefined if nothing was chosen.
   */
  getStartMethod(): StartMethod;
  getStartMethod(options: { readonly allowNone: boolean }): StartMethod | undefined;
  getStartMethod({ allowNone = false }: { readonly allowNone?: boolean } = {}): StartMethod | undefined {
    if (this.#concrete !== undefined) return this.#concrete;
    if (!allowNone) this.#chosen ??= START_METHODS[0]!;
    return this.#chosen;
  }

  /**
   * Chooses the method, once, before any process is started.
   *
   * @param method - undefined together with `force`: nothing is chosen again
   * @param options - `force`: choose again
   * @throws StartMethodError if it was chosen already, or this context has just one
   */
  setStartMethod(method: StartMethod | undefined, { force = false }: { readonly force?: boolean } = {}): void {
    if (this.#concrete !== undefined) {
      throw new StartMethodError(
        `This context has the start method ${this.#concrete} and no other. Set it on the default context.`,
      );
    }
    if (this.#chosen !== undefined && !force) {
      throw new StartMethodError(
        `The start method is settled already: ${this.#chosen}. Set it once, before anything is started, or pass { force: true }.`,
      );
    }
    this.#chosen = method === undefined && force ? undefined : checkStartMethod(method);
  }

  /** The start methods of this platform, the default first. */
  getAllStartMethods(): StartMethod[] {
    return [...START_METHODS];
  }
}

/** The context of everything that was given none. */
export const defaultContext: Context = new Context();
const method = methodOfThisChild();
if (method !== undefined) defaultContext.setStartMethod(method);

const concreteContexts = new Map<StartMethod, Context>();

/**
 * The context of a start method; without one, the default context, whose method is settled by asking.
 *
 * @throws StartMethodError if there is no such method here
 *
 * @example
 * ```ts
 * const process = new Process({ target: work, context: getContext('fork') });
 * ```
 */
export function getContext(method?: StartMethod): Context {
  if (method === undefined) {
    defaultContext.getStartMethod();
    return defaultContext;
  }
  let context = concreteContexts.get(checkStartMethod(method));
  if (context === undefined) {
    context = new Context(method);
    concreteContexts.set(method, context);
  }
  return context;
}

/** {@link Context.getStartMethod} of the default context. */
export const getStartMethod: Context['getStartMethod'] = defaultContext.getStartMethod.bind(
  defaultContext,
) as Context['getStartMethod'];

/** {@link Context.setStartMethod} of the default context. */
export const setStartMethod: Context['setStartMethod'] = defaultContext.setStartMethod.bind(defaultContext);

/** {@link Context.getAllStartMethods} of the default context. */
export const getAllStartMethods: Context['getAllStartMethods'] = defaultContext.getAllStartMethods.bind(defaultContext);
