import { closeDescriptor, setSocketOption } from '@mp/native';
import type { Family } from './address.ts';

/** The kernel's numbers, the same on every architecture that we build for. */
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_KEEPALIVE = 9;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
const TCP_USER_TIMEOUT = 18;

const PROBES = 3;
const LONGEST_SECONDS = 32_767;

export const DEFAULT_PEER_TIMEOUT = 60_000;

/** As CPython does: a server that was ended can be started again at once. */
export function prepareListener(descriptor: number, family: Family): void {
  if (family !== 'AF_UNIX') setSocketOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
}

/**
 * A message goes at once, not with the next one. And a peer that cannot be reached any more (its machine lost power, a
 * cable was cut) is noticed: when it is silent, by probes; when it does not confirm what was sent, by a time-out.
 *
 * If it throws it has closed the descriptor.
 *
 * @param peerTimeout - in milliseconds, how long it may be so; Infinity: for ever
 * @returns the descriptor
 */
export function prepareConnection(descriptor: number, family: Family, peerTimeout: number): number {
  try {
    if (family !== 'AF_UNIX') setOptions(descriptor, peerTimeout);
    return descriptor;
  } catch (error) {
    closeDescriptor(descriptor);
    throw error;
  }
}

function setOptions(descriptor: number, peerTimeout: number): void {
  setSocketOption(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  if (peerTimeout === Number.POSITIVE_INFINITY) return;
  const seconds = Math.min(LONGEST_SECONDS, peerTimeout / 1000);
  const interval = Math.max(1, Math.floor(seconds / (2 * PROBES)));
  const idle = Math.max(1, Math.floor(seconds - interval * PROBES));
  setSocketOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  setSocketOption(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, idle);
  setSocketOption(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, interval);
  setSocketOption(descriptor, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
  setSocketOption(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, Math.ceil(seconds * 1000));
}
