import { type AuthKey, Client, type ClientOptions, ClientSync, type Connection, wait, waitSync } from '@mp/connection';
import { Connection as AnyConnection, type EndDescriptors, LocalEnd } from '@mp/connection/internal';
import { EOFError } from '@mp/errors';
import { Deadline, receiveDescriptors, type WaitOptions } from '@mp/native';
import { UnpicklingError } from '@mp/reduction';
import { ManagerLostError } from '../errors.ts';
import {
  type Hello,
  PROTOCOL_VERSION,
  type Request,
  type Response,
  type ServerDescription,
  type Welcome,
} from '../protocol.ts';
import { assertServedElsewhere } from '../server/served-here.ts';

export type Wire = Connection<Response, Request>;

/** Whom to connect to, and as whom. */
export interface Party {
  readonly server: Pick<ServerDescription, 'address' | 'trusted'>;
  readonly key: AuthKey;
  /** What we are called there. */
  readonly client: string;
  /** How long the server may be out of reach. */
  readonly peerTimeout: number | undefined;
}

const TIMEOUT = 30_000;

/**
 * Connects to the server of a manager: over its socket, and from there, if it is on this machine, over a ring in shared
 * memory whose descriptors the server sends through the socket.
 */
export async function openWire(party: Party, options: WaitOptions = {}): Promise<{ wire: Wire; server: string }> {
  const deadline = Deadline.after(options.timeout ?? TIMEOUT);
  const { signal } = options;
  const left = (): WaitOptions => ({ signal, timeout: deadline.remaining() });
  const socket = await Client<unknown, unknown>(party.server.address, { ...settings(party), ...left() });
  try {
    await socket.send(hello(party), left());
    const welcome = checkWelcome(await socket.recv(left()).catch(strange));
    if (!welcome.ring) return { wire: socket as Wire, server: welcome.server };
    await socket.send(null, left());
    for (;;) {
      const end = takeEnd(socket);
      if (end !== undefined) {
        socket.close();
        return { wire: end, server: welcome.server };
      }
      await wait([socket.fileno()], left());
      if (deadline.expired) throw tooSlow(deadline);
    }
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** {@link openWire}, blocking the thread. */
export function openWireSync(party: Party): { wire: Wire; server: string } {
  assertServedElsewhere(party.server.address);
  const deadline = Deadline.after(TIMEOUT);
  const socket = ClientSync<unknown, unknown>(party.server.address, { ...settings(party), timeout: TIMEOUT });
  try {
    socket.sendSync(hello(party));
    const welcome = checkWelcome(firstAnswer(socket, deadline));
    if (!welcome.ring) return { wire: socket as Wire, server: welcome.server };
    socket.sendSync(null);
    for (;;) {
      const end = takeEnd(socket);
      if (end !== undefined) {
        socket.close();
        return { wire: end, server: welcome.server };
      }
      waitSync([socket.fileno()], { timeout: deadline.remaining() });
      if (deadline.expired) throw tooSlow(deadline);
    }
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Over a network there is no shared memory; with strangers we would share none. */
const usesRing = ({ server }: Party): boolean => typeof server.address === 'string' && server.trusted;

const settings = ({ server, key, peerTimeout }: Party): Pick<ClientOptions, 'authkey' | 'codec' | 'peerTimeout'> => ({
  authkey: key,
  peerTimeout,
  codec: server.trusted ? 'trusted' : 'plain',
});

const hello = (party: Party): Hello => ({
  version: PROTOCOL_VERSION,
  client: party.client,
  pid: process.pid,
  ring: usesRing(party),
});

function checkWelcome(message: unknown): Welcome {
  const { server, ring } = (message ?? {}) as Partial<Welcome>;
  if (typeof server === 'string' && typeof ring === 'boolean') return { server, ring };
  throw noManager(undefined);
}

function firstAnswer(socket: Connection, deadline: Deadline): unknown {
  try {
    return socket.recvSync({ timeout: deadline.remaining() });
  } catch (error) {
    return strange(error);
  }
}

/** It has let us in, and then does not speak as a manager does. */
function strange(error: unknown): never {
  throw error instanceof EOFError || error instanceof UnpicklingError ? noManager(error) : error;
}

const noManager = (cause: unknown): ManagerLostError =>
  new ManagerLostError(
    'What answered is no manager of this library, or of another version. Managers of Python need { serializer: "python" }.',
    { cause },
  );

function takeEnd(socket: Connection): Wire | undefined {
  const packet = receiveDescriptors(socket.fileno());
  if (packet === 'empty') return undefined;
  if (packet === 'closed') throw new EOFError('The server ended the connection before it was complete.');
  return new AnyConnection(
    new LocalEnd(packet.descriptors as unknown as EndDescriptors, packet.tag as LocalEnd['side']),
  ) as Wire;
}

const tooSlow = ({ timeout }: Deadline): ManagerLostError =>
  new ManagerLostError(`The server of the manager did not answer within ${timeout} ms.`);
