import { describeAddress, resolveHost } from '@mp/native';

/** How the other end is found: over TCP, or by a name on this machine. */
export type Family = 'AF_INET' | 'AF_INET6' | 'AF_UNIX';

/**
 * Where a listener listens: host and port; or the path of a unix socket, or, after a NUL character, its abstract name.
 * A host is a name, or a number such as `127.0.0.1`, `::1`. An empty one is every interface of the machine.
 */
export type Address = string | readonly [host: string, port: number];

const NUMBERS: Readonly<Record<Family, number>> = { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10 };
const MAX_UNIX_BYTES = 107;
const LARGEST_PORT = 0xffff;

export const familyNumber = (family: Family): number => NUMBERS[family];

/** The family of an address; checked against the one that was asked for. */
export function familyOf(address: Address, asked: Family | undefined): Family {
  if (asked !== undefined && !(asked in NUMBERS)) {
    throw invalid(
      `family is ${String(asked)}: it must be 'AF_INET', 'AF_INET6' or 'AF_UNIX'. (AF_PIPE is for Windows.)`,
    );
  }
  const found = kindOf(address);
  const family = asked ?? found;
  if ((family === 'AF_UNIX') !== (found === 'AF_UNIX')) {
    throw invalid(
      `An address of ${family} is ${family === 'AF_UNIX' ? 'a text' : '[host, port]'}, not ${show(address)}.`,
    );
  }
  return family;
}

function kindOf(address: Address): Family {
  if (typeof address === 'string') return 'AF_UNIX';
  const [host, port] = Array.isArray(address) ? (address as unknown[]) : [];
  if (typeof host !== 'string' || typeof port !== 'number') {
    throw invalid(`address is ${show(address)}: it must be [host, port] or a text, the path of a unix socket.`);
  }
  if (!Number.isInteger(port) || port < 0 || port > LARGEST_PORT) {
    throw Object.assign(new RangeError(`The port is ${port}: it must be an integer from 0 to ${LARGEST_PORT}.`), {
      code: 'ERR_OUT_OF_RANGE',
    });
  }
  return process.getBuiltinModule('node:net').isIP(host) === 6 || host.includes('%') ? 'AF_INET6' : 'AF_INET';
}

/** The bytes of the kernel's address. Asks the network for names, blocking the thread, unless `numeric`. */
export function encodeAddress(address: Address, family: Family, numeric = false): Uint8Array {
  if (typeof address === 'string') return encodeUnix(address);
  return resolveHost(address[0], address[1], NUMBERS[family], numeric)[0] as Uint8Array;
}

function encodeUnix(path: string): Uint8Array {
  const name = Buffer.from(path, 'utf8');
  const abstract = name[0] === 0;
  if (name.length === 0 || (!abstract && name.includes(0))) {
    throw invalid(`The path of a unix socket is ${JSON.stringify(path)}: it must not be empty, nor contain NUL.`);
  }
  if (name.length > MAX_UNIX_BYTES + (abstract ? 1 : 0)) {
    throw invalid(
      `The path of the unix socket has ${name.length} bytes, and the kernel allows ${MAX_UNIX_BYTES}: ${path}. Use a shorter one, for example in /tmp.`,
    );
  }
  const end = abstract ? [] : [0];
  return Buffer.concat([Uint8Array.from(unixFamily()), name, Uint8Array.from(end)]);
}

/** In the order of the machine. */
const unixFamily = (): Uint8Array => new Uint8Array(Uint16Array.of(NUMBERS.AF_UNIX).buffer);

/** The address that the bytes of the kernel mean; '' for a unix socket without a name. */
export function decodeAddress(bytes: Uint8Array, family: Family): Address {
  if (family !== 'AF_UNIX') {
    const { host, port } = describeAddress(bytes);
    return [host, port];
  }
  const name = Buffer.from(bytes.subarray(2));
  if (name[0] === 0) return name.toString('utf8');
  const nul = name.indexOf(0);
  return name.toString('utf8', 0, nul === -1 ? name.length : nul);
}

/** Whether nobody beyond this machine can come by this address. */
export function isLocal(address: Address): boolean {
  if (typeof address === 'string') return true;
  const host = address[0];
  return host === '::1' || host.startsWith('127.') || host.startsWith('::ffff:127.');
}

/** An address in messages. */
export const show = (address: unknown): string =>
  Array.isArray(address) && typeof address[1] === 'number' ? `${address[0]}:${address[1]}` : JSON.stringify(address);

const invalid = (message: string): TypeError =>
  Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' });
