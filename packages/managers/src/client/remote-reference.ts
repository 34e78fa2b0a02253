import { AbortError } from '@mp/errors';
import type { WaitOptions } from '@mp/native';
import { CALL, type ReducedProxy, type Request } from '../protocol.ts';
import type { Reference } from '../reference.ts';
import type { Link } from './link.ts';

/** Proxies that were forgotten release their objects. */
const forgotten = new FinalizationRegistry<Holding>((holding) => letGo(holding));

/** What has to be given back, once. */
interface Holding {
  readonly link: Link;
  readonly object: number;
  released: boolean;
}

/** What a proxy has whose object is in another process. */
export class RemoteReference implements Reference {
  readonly typeid: string;
  readonly exposed: readonly string[];
  readonly #holding: Holding;

  /** The proxy has arrived. */
  constructor(link: Link, { object, typeid, exposed, issuer, ticket }: ReducedProxy) {
    this.typeid = typeid;
    this.exposed = exposed;
    this.#holding = { link, object, released: false };
    link.use();
    link.redeem(object, issuer, ticket);
    forgotten.register(this, this.#holding, this);
  }

  get label(): string {
    return `'${this.typeid}' ${this.#holding.object}`;
  }

  call(method: string, args: readonly unknown[], options?: WaitOptions): Promise<unknown> {
    const { link, object, released } = this.#holding;
    if (released) return Promise.reject(this.#gone(method));
    const signal = signalIn(args) ?? options?.signal;
    if (signal === undefined && options === undefined) {
      return link.call((number) => [number, CALL, object, method, args, false], method, undefined, this);
    }
    if (signal?.aborted)
      return Promise.reject(new AbortError(`${method} was aborted by its signal.`, { cause: signal.reason }));
    return link.call(
      this.#request(method, args),
      `${method} of ${this.label}`,
      { signal, timeout: options?.timeout },
      this,
    );
  }

  callSync(method: string, args: readonly unknown[], options?: { readonly timeout?: number | undefined }): unknown {
    if (this.#holding.released) throw this.#gone(method);
    return this.#holding.link.callSync(this.#request(method, args), `${method} of ${this.label}`, options?.timeout);
  }

  reduce(): ReducedProxy {
    const { link, object, released } = this.#holding;
    if (released) throw this.#gone('pickle');
    const { typeid, exposed } = this;
    return { server: link.description, object, typeid, exposed, ...link.issueTicket(object) };
  }

  takeBack({ object, ticket }: ReducedProxy): void {
    this.#holding.link.takeBack(object, ticket);
  }

  release(): void {
    forgotten.unregister(this);
    letGo(this.#holding);
  }

  /** A signal does not travel: the server puts one of its own in its place. */
  #request(method: string, args: readonly unknown[]): (number: number) => Request {
    const { object } = this.#holding;
    const signalled = signalIn(args) !== undefined;
    const sent = signalled ? [...args.slice(0, -1), { ...(args.at(-1) as object), signal: undefined }] : args;
    return (number) => [number, CALL, object, method, sent, signalled];
  }

  #gone(method: string): Error {
    return new Error(`${method}: this proxy of ${this.label} was released by this process.`);
  }
}

function letGo(holding: Holding): void {
  if (holding.released) return;
  holding.released = true;
  holding.link.release(holding.object);
  holding.link.unuse();
}

/** The signal in the options that come last. */
function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  const signal = (args.at(-1) as { readonly signal?: unknown } | null | undefined)?.signal;
  return signal instanceof AbortSignal ? signal : undefined;
}
