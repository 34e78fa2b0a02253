import { AbortError, TimeoutError } from '@mp/errors';
import {
  checkSocketError,
  closeDescriptor,
  connectSocket,
  type Deadline,
  openSocket,
  PollHandle,
  pollTwoSync,
  WRITABLE,
  waitWithin,
} from '@mp/native';
import { type Address, encodeAddress, type Family, familyNumber, show } from './address.ts';
import { ConnectError } from './errors.ts';

/** How soon to try again when the line of a unix listener is full. */
const AGAIN_MS = 5;

export const tooLate = (address: Address, step: string, { timeout }: Deadline): TimeoutError =>
  new TimeoutError(`Client: ${show(address)} ${step} within ${timeout} ms.`, { timeout });

const NOT_CONNECTED = 'did not take the connection';

/** A connected socket. */
export async function dial(
  address: Address,
  family: Family,
  deadline: Deadline,
  signal: AbortSignal | undefined,
): Promise<number> {
  let failure: unknown;
  for (const numeric of await resolve(address, family, deadline, signal)) {
    try {
      return await connectTo(numeric, address, family, deadline, signal);
    } catch (error) {
      if (error instanceof TimeoutError || error instanceof AbortError) throw error;
      failure = error;
    }
  }
  throw explain(failure, address);
}

/** {@link dial}, blocking the thread. */
export function dialSync(address: Address, family: Family, deadline: Deadline): number {
  const descriptor = openSocket(familyNumber(family));
  try {
    const encoded = encodeAddress(address, family);
    for (;;) {
      const state = connectSocket(descriptor, encoded);
      if (state === 'connected') return descriptor;
      if (state === 'in progress') {
        if (pollTwoSync(descriptor, WRITABLE, -1, 0, deadline.remaining()) === 0) break;
        checkSocketError(descriptor, 'connect');
        return descriptor;
      }
      if (deadline.expired) break;
      pollTwoSync(-1, 0, -1, 0, Math.min(AGAIN_MS, deadline.remaining()));
    }
  } catch (error) {
    closeDescriptor(descriptor);
    throw explain(error, address);
  }
  closeDescriptor(descriptor);
  throw tooLate(address, NOT_CONNECTED, deadline);
}

/** The same address with numbers only: asking the network must not block. */
async function resolve(
  address: Address,
  family: Family,
  deadline: Deadline,
  signal: AbortSignal | undefined,
): Promise<readonly Address[]> {
  if (typeof address === 'string') return [address];
  const [host, port] = address;
  if (host === '' || process.getBuiltinModule('node:net').isIP(host) !== 0 || host.includes('%')) return [address];
  return waitWithin<readonly Address[]>(
    { timeout: deadline.remaining(), signal },
    {
      what: `Client: looking up ${host}`,
      begin(done, fail) {
        const { lookup } = process.getBuiltinModule('node:dns/promises');
        lookup(host, { family: family === 'AF_INET6' ? 6 : 4, all: true }).then(
          (found) => done(found.map((each) => [each.address, port] as const)),
          (error) => fail(explain(error, address)),
        );
        return () => {};
      },
      late() {
        throw tooLate(address, 'was not looked up', deadline);
      },
    },
  );
}

function connectTo(
  numeric: Address,
  address: Address,
  family: Family,
  deadline: Deadline,
  signal: AbortSignal | undefined,
): Promise<number> {
  const encoded = encodeAddress(numeric, family, true);
  const descriptor = openSocket(familyNumber(family));
  return waitWithin<number>(
    { timeout: deadline.remaining(), signal },
    {
      what: `Client: connecting to ${show(address)}`,
      begin(done, fail) {
        let handle: PollHandle | undefined;
        let again: NodeJS.Timeout | undefined;
        const attempt = (): void => {
          try {
            const state = connectSocket(descriptor, encoded);
            if (state === 'connected') {
              done(descriptor);
            } else if (state === 'again') {
              again = setTimeout(attempt, AGAIN_MS);
            } else {
              handle = new PollHandle(descriptor, look);
              handle.start(WRITABLE);
            }
          } catch (error) {
            fail(error);
          }
        };
        const look = (): void => {
          try {
            checkSocketError(descriptor, 'connect');
            done(descriptor);
          } catch (error) {
            fail(error);
          }
        };
        attempt();
        return () => {
          clearTimeout(again);
          handle?.close();
        };
      },
      late() {
        throw tooLate(address, NOT_CONNECTED, deadline);
      },
    },
  ).catch((error) => {
    closeDescriptor(descriptor);
    throw error;
  });
}

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nobody listens there (any more).',
  ENOENT: 'There is no such unix socket: its listener has not begun, or has ended.',
  ENOTFOUND: 'There is no host of this name.',
  EACCES: 'This user may not connect to it.',
};

function explain(error: unknown, address: Address): ConnectError {
  const { code = 'ERR_MP_CONNECT', message } = error as { code?: string; message: string };
  const advice = ADVICE[code] ?? '';
  return new ConnectError(`Client: cannot connect to ${show(address)}: ${message}. ${advice}`.trimEnd(), {
    code,
    cause: error,
  });
}
