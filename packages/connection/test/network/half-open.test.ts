import { fileURLToPath } from 'node:url';
import { getSocketOption } from '@mp/native';
import { checkLeaks, nodeChild } from '@mp/testing';
import { canIsolate } from '@mp/testing/isolation';
import { describe, expect, test } from 'vitest';
import { testConnection } from './fixtures/network.ts';

checkLeaks();

const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const TCP_USER_TIMEOUT = 18;

/** [idle, interval, count], in seconds. */
const probes = (descriptor: number): number[] =>
  [4, 5, 6].map((name) => getSocketOption(descriptor, IPPROTO_TCP, name));

describe('a peer that cannot be reached any more', () => {
  test.each([
    [undefined, [30, 10, 3], 60_000],
    [60_000, [30, 10, 3], 60_000],
    [9000, [6, 1, 3], 9000],
    [2000, [1, 1, 3], 2000],
    [10 ** 12, [16_384, 5461, 3], 32_767_000],
  ])('is given up after peerTimeout (%s): the kernel is told %j', async (peerTimeout, expected, userTimeout) => {
    for (const connection of await testConnection('AF_INET', { peerTimeout })) {
      expect(probes(connection.fileno())).toEqual(expected);
      expect(getSocketOption(connection.fileno(), IPPROTO_TCP, TCP_USER_TIMEOUT)).toBe(userTimeout);
      expect(getSocketOption(connection.fileno(), SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
      expect(getSocketOption(connection.fileno(), IPPROTO_TCP, TCP_NODELAY)).toBe(1);
    }
  });

  test('is waited for for ever if that is asked for', async () => {
    for (const connection of await testConnection('AF_INET6', { peerTimeout: Number.POSITIVE_INFINITY })) {
      expect(getSocketOption(connection.fileno(), SOL_SOCKET, SO_KEEPALIVE)).toBe(0);
    }
  });
});

describe.runIf(canIsolate())('when the cable is cut', () => {
  test('whoever receives or sends is told within the time that was asked for', { timeout: 180_000 }, async () => {
    const program = fileURLToPath(new URL('fixtures/cut-cable.ts', import.meta.url));
    const operations = ['receives', 'sends', 'receives blocking', 'sends blocking'];
    const results = await Promise.all(operations.map((what) => nodeChild(program, { args: [what], limit: 150_000 })));
    for (const [i, what] of operations.entries()) {
      expect(results[i], what).toMatchObject({ code: 0, stderr: '' });
      const { code, cause, seconds } = JSON.parse(results[i]?.stdout ?? '');
      expect({ what, code, cause }).toEqual({
        what,
        code: what.startsWith('sends') ? 'EPIPE' : 'ERR_MP_CONNECTION_LOST',
        cause: 'ETIMEDOUT',
      });
      expect(seconds).toBeLessThan(100);
    }
  });
});
