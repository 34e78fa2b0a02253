/**
 * Sockets that carry a stream of bytes: TCP, and unix sockets. Addresses are the bytes of the kernel's
 * `struct sockaddr`. Every socket is non-blocking and close-on-exec, and nothing here waits: poll for
 * {@link READABLE} or {@link WRITABLE}.
 *
 * @module
 */
import { addon } from './addon.ts';

const CONNECTION_STATES = ['connected', 'in progress', 'again'] as const;

/**
 * A new socket. The caller closes it.
 *
 * @param family - the kernel's number: 1 unix, 2 IPv4, 10 IPv6
 */
export function openSocket(family: number): number {
  return addon().openSocket(family);
}

/** @throws Error `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, … */
export function bindSocket(fd: number, address: Uint8Array): void {
  addon().bindSocket(fd, address);
}

/** @param backlog - how many connections may wait to be accepted */
export function listenSocket(fd: number, backlog: number): void {
  addon().listenSocket(fd, backlog);
}

/**
 * Takes the next connection out of the line.
 *
 * @returns its descriptor, which the caller closes; undefined: nobody waits
 * @throws Error `EMFILE` when this process has too many descriptors: the connection stays in the line
 */
export function acceptSocket(fd: number): number | undefined {
  const accepted = addon().acceptSocket(fd);
  return accepted === -1 ? undefined : accepted;
}

/**
 * Begins to connect.
 *
 * @returns `'connected'`; `'in progress'`: poll for {@link WRITABLE}, then ask {@link checkSocketError}; `'again'`: the
 *   line of a unix listener is full, which no poll tells the end of, so try again in a moment
 * @throws Error `ECONNREFUSED`, `ENOENT`, `ENETUNREACH`, …
 */
export function connectSocket(fd: number, address: Uint8Array): 'connected' | 'in progress' | 'again' {
  return CONNECTION_STATES[addon().connectSocket(fd, address)] as 'connected';
}

/**
 * Throws the error that the socket has met since the last call, if any: also how a connection that was in progress
 * came out.
 *
 * @param syscall - on whose account, for the error
 */
export function checkSocketError(fd: number, syscall: string): void {
  addon().socketError(fd, syscall);
}

/** The address of this end, or of the other (`peer`). Throws `ENOTCONN` when there is no other end. */
export function socketAddress(fd: number, peer: boolean): Uint8Array {
  return addon().socketAddress(fd, peer);
}

/** EAI_AGAIN of glibc and of musl. */
const TRY_AGAIN = -3;

/**
 * The addresses of a host. Blocks the thread while it asks the network, unless `numeric`.
 *
 * @param host - a name, or a number such as `127.0.0.1`, `::1`, `fe80::1%eth0`; empty: every address of this machine
 * @param family - the kernel's number: 0 any, 2 IPv4, 10 IPv6
 * @param numeric - refuse names, so as not to ask the network
 * @returns at least one
 * @throws Error `ENOTFOUND`, `EAI_AGAIN`, as Node's `dns` does
 */
export function resolveHost(host: string, port: number, family: number, numeric: boolean): Uint8Array[] {
  const found = addon().resolveHost(host, port, family, numeric);
  if (typeof found !== 'number') return found;
  const code = found === TRY_AGAIN ? 'EAI_AGAIN' : 'ENOTFOUND';
  throw Object.assign(new Error(`getaddrinfo ${code} ${host}`), {
    code,
    errno: found,
    syscall: 'getaddrinfo',
    hostname: host,
  });
}

/** Host, in numbers, and port of an address of IPv4 or IPv6. */
export function describeAddress(address: Uint8Array): { host: string; port: number } {
  const [host, port] = addon().describeAddress(address);
  return { host, port: Number(port) };
}

/** An option whose value is an integer, by the kernel's numbers. */
export function setSocketOption(fd: number, level: number, name: number, value: number): void {
  addon().setSocketOption(fd, level, name, value);
}

/** An option whose value is an integer, by the kernel's numbers. */
export function getSocketOption(fd: number, level: number, name: number): number {
  return addon().getSocketOption(fd, level, name);
}

/**
 * Receives what is there into `bytes[start, end)`, which must not be empty.
 *
 * @returns how many bytes; 0: the other end will send no more; -1: nothing is there yet
 * @throws Error `ECONNRESET`, `ETIMEDOUT`, …
 */
export function receiveBytes(fd: number, bytes: Uint8Array, start: number, end: number): number {
  return addon().receiveBytes(fd, bytes, start, end);
}

/**
 * Sends what there is room for of `first[firstStart, firstEnd)` and then `second[secondStart, secondEnd)`, in one call of
 * the kernel.
 *
 * @returns how many bytes were sent; -1: there is no room now
 * @throws Error `EPIPE`, `ECONNRESET`, `ETIMEDOUT`, …
 */
export function sendBytes(
  fd: number,
  first: Uint8Array,
  firstStart: number,
  firstEnd: number,
  second: Uint8Array,
  secondStart: number,
  secondEnd: number,
): number {
  return addon().sendBytes(fd, first, firstStart, firstEnd, second, secondStart, secondEnd);
}
