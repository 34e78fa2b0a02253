import { inspect } from 'node:util';
import { type Address, AuthKey, type Connection } from '@mp/connection';
import { currentProcess } from '@mp/process';
import { allowChildren, familyKey, logInfo } from '@mp/process/internal';
import { BUILT_INS } from '../built-ins.ts';
import type { Serializer } from '../options.ts';
import { registerProxyType } from '../pickling.ts';
import type { Registry, TypeEntry } from '../registry.ts';
import { Server } from './server.ts';

/** What the process of a manager is to serve. */
export interface ServePlan {
  /** The types of the library that it has, by name. */
  readonly builtIns: readonly string[];
  /** Those of the user. */
  readonly types: readonly (readonly [typeid: string, entry: TypeEntry])[];
  readonly address: Address | undefined;
  /** Undefined: that of the family. */
  readonly authkey: Uint8Array | undefined;
  readonly trusted: boolean;
  readonly serializer: Serializer;
  readonly peerTimeout: number | undefined;
  readonly initializer: ((...args: never[]) => unknown) | undefined;
  readonly initargs: readonly unknown[];
}

/** What it tells its manager as soon as it serves, or cannot. */
export type Readiness = { readonly address: Address } | { readonly failed: unknown };

/** What the process of a manager runs. It ends when a client shuts it down. */
export async function serve(ready: Connection<never, Readiness>, plan: ServePlan): Promise<void> {
  // They end with this process, which ends with the one that has started it.
  allowChildren();
  // Ctrl-C goes to all processes of the terminal: the others may need their objects to end well.
  process.on('SIGINT', () => {});
  let server: Server;
  try {
    await plan.initializer?.(...(plan.initargs as never[]));
    server = new Server(registryOf(plan), {
      address: plan.address,
      authkey: new AuthKey(plan.authkey ?? familyKey()),
      trusted: plan.trusted,
      serializer: plan.serializer,
      peerTimeout: plan.peerTimeout,
      name: currentProcess().name,
    });
  } catch (error) {
    await tell(ready, { failed: error });
    return;
  }
  // The program that has started us ends.
  process.once('SIGTERM', () => server.stop());
  server.start();
  logInfo(`manager serving at ${inspect(server.address)}`);
  await tell(ready, { address: server.address });
  ready.close();
  await server.serveForever();
  logInfo('manager exiting with exitcode 0');
  // Whatever managed objects have left behind does not keep us.
  process.exit(0);
}

/** The manager closes its end as soon as it knows, which may be while we send: to have sent it is enough. */
const tell = (ready: Connection<never, Readiness>, readiness: Readiness): Promise<void> =>
  ready.send(readiness).catch(() => {});

function registryOf({ builtIns, types }: ServePlan): Registry {
  for (const [, { proxyType }] of types) if (proxyType !== undefined) registerProxyType(proxyType);
  const known = builtIns.map((typeid): [string, TypeEntry] => [typeid, BUILT_INS.get(typeid) as TypeEntry]);
  return new Map([...known, ...types]);
}
