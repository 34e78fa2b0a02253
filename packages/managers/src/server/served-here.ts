import type { Address } from '@mp/connection';
import { DeadlockError } from '@mp/errors';
import { ourServers } from './object-server.ts';

const EVERY_INTERFACE: readonly string[] = ['0.0.0.0', '::'];

/** @throws DeadlockError if a server of this thread listens there: it cannot answer while the thread is blocked */
export function assertServedElsewhere(address: Address): void {
  for (const { description } of ourServers.values()) {
    if (description === undefined || !leadsTo(address, description.address)) continue;
    throw new DeadlockError(
      `The server of the manager at ${JSON.stringify(address)} is in this thread, which the call would block. Use the promise form.`,
    );
  }
}

function leadsTo(address: Address, bound: Address): boolean {
  if (typeof address === 'string' || typeof bound === 'string') return address === bound;
  const [host, port] = address;
  return port === bound[1] && (host === bound[0] || host === 'localhost' || EVERY_INTERFACE.includes(bound[0]));
}
