import type { ReducedProxy } from './protocol.ts';

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): value is string => typeof value === 'string';

/** Whether what arrived as a proxy is one. What comes over a network may be anything. */
export function isReducedProxy(data: unknown): data is ReducedProxy {
  if (typeof data !== 'object' || data === null) return false;
  const { server, object, typeid, exposed, issuer, ticket } = data as Record<string, unknown>;
  if (typeof server !== 'object' || server === null) return false;
  const { id, address, trusted, sealedKey } = server as Record<string, unknown>;
  return (
    isText(id) &&
    isAddress(address) &&
    typeof trusted === 'boolean' &&
    (sealedKey === undefined || sealedKey instanceof Uint8Array) &&
    isCount(object) &&
    isText(typeid) &&
    Array.isArray(exposed) &&
    exposed.every(isText) &&
    isText(issuer) &&
    isCount(ticket)
  );
}

const isAddress = (address: unknown): boolean =>
  isText(address) || (Array.isArray(address) && address.length === 2 && isText(address[0]) && isCount(address[1]));
