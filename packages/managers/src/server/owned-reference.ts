import { DeadlockError, TimeoutError } from '@mp/errors';
import { type WaitOptions, waitWithin } from '@mp/native';
import type { ReducedProxy } from '../protocol.ts';
import type { Reference } from '../reference.ts';
import { Call } from './call.ts';
import type { ObjectServer } from './object-server.ts';
import type { ServedObject } from './served-object.ts';

/** What a proxy has whose object is in this very process: the object itself. */
export class OwnedReference implements Reference {
  readonly server: ObjectServer;
  readonly object: ServedObject;

  constructor(server: ObjectServer, object: ServedObject) {
    this.server = server;
    this.object = object;
  }

  get typeid(): string {
    return this.object.typeid;
  }

  get exposed(): readonly string[] {
    return [...this.object.exposed];
  }

  get label(): string {
    return `'${this.object.typeid}' ${this.object.id} of this process`;
  }

  call(method: string, args: readonly unknown[], options?: WaitOptions): Promise<unknown> {
    const call = new Call(this.server.ourselves);
    const result = this.#invoke(call, method, args);
    if (options?.timeout === undefined && options?.signal === undefined) return result;
    return waitWithin<unknown>(options, {
      what: `${method} of ${this.label}`,
      begin(resolve, reject) {
        result.then(resolve, reject);
        return () => call.abort(undefined);
      },
      late() {
        throw new TimeoutError(`${method}: no answer within ${options.timeout} ms.`, { timeout: options.timeout ?? 0 });
      },
    });
  }

  async #invoke(call: Call, method: string, args: readonly unknown[]): Promise<unknown> {
    return this.server.invoke(this.object, method, args, call);
  }

  callSync(method: string, args: readonly unknown[]): unknown {
    const result = this.server.invoke(this.object, method, args, new Call(this.server.ourselves));
    if (!(result instanceof Promise)) return result;
    result.catch(() => {});
    throw new DeadlockError(
      `sync.${method}: the object is served by the event loop that this call would block. Use the promise form.`,
    );
  }

  reduce(): ReducedProxy {
    return this.server.reduce(this.object);
  }

  takeBack({ issuer, ticket }: ReducedProxy): void {
    this.server.tickets.redeem(issuer, ticket);
  }

  release(): void {}
}
