import { Deadline, pollTwoSync, READABLE, WRITABLE, waitWithin } from '@mp/native';
import { Connection, type Untyped } from '../connection.ts';
import type { SyncWaitOptions } from '../messenger.ts';
import { type Address, familyOf, show } from './address.ts';
import { dial, dialSync, tooLate } from './dial.ts';
import { Greeting } from './greeting.ts';
import { clientHandshake } from './handshake.ts';
import { type ClientOptions, type NetworkOptions, type NetworkSettings, networkSettings } from './options.ts';
import { prepareConnection } from './socket-options.ts';
import { SocketStream } from './socket-stream.ts';
import { StreamEnd } from './stream-end.ts';
import { TlsConnection } from './tls-connection.ts';
import { TlsStream } from './tls-stream.ts';

const DEFAULT_TIMEOUT = 30_000;
const NOT_GREETED = 'did not finish the handshake (perhaps it is too busy, or has an authkey and this side has none)';

/**
 * Connects to a listener, in TypeScript or Python, on this machine or another.
 *
 * @param address - `[host, port]`, or a text: the path of a unix socket, or its abstract name after a NUL character
 * @throws AuthenticationError if one side has a different authkey
 * @throws ConnectError if nobody listens there, or it cannot be reached
 * @throws TimeoutError, AbortError: nothing is left open
 *
 * Python: `multiprocessing.connection.Client`, which has no time-out.
 *
 * @example
 * ```ts
 * const connection = await Client(['192.0.2.7', 6000], { authkey: 'our secret' });
 * await connection.send({ hello: 'world' });
 * ```
 */
export async function Client<In = Untyped, Out = Untyped>(
  address: Address,
  options: ClientOptions = {},
): Promise<Connection<In, Out>> {
  const family = familyOf(address, options.family);
  const { tls, signal } = options;
  const settings = networkSettings(options, tls !== undefined && tls.rejectUnauthorized !== false);
  const deadline = Deadline.after(options.timeout ?? DEFAULT_TIMEOUT);
  const secureContext = tls && (tls.secureContext ?? process.getBuiltinModule('node:tls').createSecureContext(tls));
  const descriptor = prepareConnection(await dial(address, family, deadline, signal), family, settings.peerTimeout);
  const host = typeof address === 'string' ? undefined : address[0];
  const stream =
    tls === undefined ? new SocketStream(descriptor) : TlsStream.connect(descriptor, { host, ...tls, secureContext });
  const end = new StreamEnd(stream, settings.codec, settings.maxFrame);
  try {
    await greeted(newGreeting(end, settings), address, deadline, signal);
  } catch (error) {
    end.close();
    throw error;
  }
  return tls === undefined ? new Connection(end) : new TlsConnection(end);
}

/**
 * {@link Client}, blocking the thread; without TLS.
 *
 * @example
 * ```ts
 * const connection = ClientSync('/run/our.sock', { authkey: 'our secret' });
 * connection.sendSync(42);
 * ```
 */
export function ClientSync<In = Untyped, Out = Untyped>(
  address: Address,
  options: NetworkOptions & SyncWaitOptions = {},
): Connection<In, Out> {
  const family = familyOf(address, options.family);
  if ((options as ClientOptions).tls !== undefined) throw TlsConnection.refusal('ClientSync');
  const settings = networkSettings(options, false);
  const deadline = Deadline.after(options.timeout ?? DEFAULT_TIMEOUT);
  const descriptor = prepareConnection(dialSync(address, family, deadline), family, settings.peerTimeout);
  const end = new StreamEnd(new SocketStream(descriptor), settings.codec, settings.maxFrame);
  try {
    const greeting = newGreeting(end, settings);
    while (!greeting.pump()) {
      if (deadline.expired) throw tooLate(address, NOT_GREETED, deadline);
      pollTwoSync(descriptor, greeting.writing ? WRITABLE : READABLE, -1, 0, deadline.remaining());
    }
  } catch (error) {
    end.close();
    throw error;
  }
  return new Connection(end);
}

const newGreeting = (end: StreamEnd, { handshake, maxFrame }: NetworkSettings): Greeting =>
  new Greeting(end, handshake && clientHandshake(handshake), maxFrame);

async function greeted(
  greeting: Greeting,
  address: Address,
  deadline: Deadline,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { end } = greeting;
  if (greeting.pump()) return;
  await waitWithin<void>(
    { timeout: deadline.remaining(), signal },
    {
      what: `Client: the handshake with ${show(address)}`,
      begin(done, fail) {
        const pump = (): void => {
          try {
            if (greeting.pump()) done();
            else end.announceSleep(!greeting.writing, greeting.writing);
          } catch (error) {
            fail(error);
          }
        };
        end.watch(pump);
        pump();
        return () => end.unwatch();
      },
      late() {
        throw tooLate(address, NOT_GREETED, deadline);
      },
    },
  );
}
