import {
  CALL,
  CANCEL,
  CONTROL,
  CREATE,
  type Hello,
  PROTOCOL_VERSION,
  REDEEM,
  RELEASE,
  type Request,
  TICKET,
  WHICH,
} from '../protocol.ts';

/** Whether what a client says is what clients say. What comes over a network may be anything. */
export function isRequest(message: unknown): message is Request {
  if (!Array.isArray(message)) return false;
  const [request, kind, first, second, third, fourth] = message as unknown[];
  if (!isCount(request)) return false;
  switch (kind) {
    case CALL:
      return isCount(first) && typeof second === 'string' && Array.isArray(third) && typeof fourth === 'boolean';
    case CREATE:
      return typeof first === 'string' && Array.isArray(second);
    case CONTROL:
      return typeof first === 'string';
    case CANCEL:
    case RELEASE:
    case WHICH:
      return isCount(first);
    case TICKET:
      return isCount(first) && isCount(second);
    case REDEEM:
      return isCount(first) && typeof second === 'string' && isCount(third);
    default:
      return false;
  }
}

const LONGEST_NAME = 100;

export function isHello(message: unknown): message is Hello {
  if (typeof message !== 'object' || message === null) return false;
  const { version, client, pid, ring } = message as Record<string, unknown>;
  return (
    version === PROTOCOL_VERSION &&
    typeof client === 'string' &&
    client.length <= LONGEST_NAME &&
    isCount(pid) &&
    typeof ring === 'boolean'
  );
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
