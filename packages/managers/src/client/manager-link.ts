import type { WaitOptions } from '@mp/native';
import type { Control } from '../protocol.ts';
import type { BaseProxy } from '../proxies/base-proxy.ts';

/** What a manager asks of its connection to a server, of whatever language. */
export interface ManagerLink {
  create(typeid: string, args: readonly unknown[]): Promise<BaseProxy>;
  createSync(typeid: string, args: readonly unknown[]): BaseProxy;
  control(what: Control, options: WaitOptions | undefined): Promise<unknown>;
  controlSync(what: Control, timeout: number): unknown;
  /** A manager or a proxy uses it from now on, */
  use(): void;
  /** and does not any more. */
  unuse(): void;
  /** The server is gone. */
  close(reason: string): void;
}
