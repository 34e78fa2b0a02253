import type { Connection } from '@mp/connection';
import { describe, expect, test } from 'vitest';
import { pipeToPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, pattern, SMALL, testPipe } from './fixtures/pipes.ts';
import { randomNumbers } from './fixtures/random.ts';

// Random operations against a queue that is as simple as can be.
checkConnectionLeaks();

const seconds = Number(process.env['MP_FUZZ_SECONDS'] ?? 3);
type Random = (below: number) => number;

/** A message, how it is sent, and how one sees that it has arrived. */
interface Sample {
  readonly isBytes: boolean;
  readonly value: unknown;
}

function sample(random: Random, n: number): Sample {
  const length = [random(20), random(300), 1000 + random(40), random(5000), 262_100 + random(80)][random(5)]!;
  if (random(3) === 0) return { isBytes: true, value: pattern(length, n) };
  const big = random(30) === 0 ? new Uint8Array(131_072 + random(100_000)).fill(n) : undefined;
  const shapes = [n, 'y'.repeat(length), { n, text: 'z'.repeat(length) }, [null, undefined, -0, n], { n, big }];
  return { isBytes: false, value: shapes[random(shapes.length)] };
}

const isTimeout = (error: unknown): boolean => (error as { name?: string }).name === 'TimeoutError';

/** Sends at once, in any form. False: there was no room. */
async function trySend(end: Connection, { isBytes, value }: Sample, random: Random): Promise<boolean> {
  const now = { timeout: 0 };
  try {
    if (random(2) === 0) {
      if (isBytes) end.sendBytesSync(value as Buffer, now);
      else end.sendSync(value, now);
    } else if (isBytes) await end.sendBytes(value as Buffer, now);
    else await end.send(value, now);
    return true;
  } catch (error) {
    if (isTimeout(error)) return false;
    throw error;
  }
}

/** Receives in any form. */
async function receive(end: Connection, { isBytes, value }: Sample, random: Random): Promise<unknown> {
  const options = { timeout: 50_000 };
  if (!isBytes) return random(2) === 0 ? end.recvSync(options) : end.recv(options);
  const form = random(4);
  if (form === 0) return end.recvBytesSync(options);
  if (form === 1) return end.recvBytes(options);
  const room = Buffer.alloc((value as Buffer).length + random(10));
  const got = form === 2 ? end.recvBytesIntoSync(room, options) : await end.recvBytesInto(room, options);
  return room.subarray(0, got);
}

const check = (received: unknown, { isBytes, value }: Sample): void => {
  if (isBytes) {
    if (!(received as Buffer).equals(value as Buffer)) throw new Error('The bytes are others.');
  } else expect(received).toEqual(value);
};

test.each([SMALL, 1 << 20])(
  'two ends in one process, with a ring of %d bytes',
  { timeout: (seconds + 120) * 1000 },
  async (capacity) => {
    const random = randomNumbers('MP_FUZZ_SEED');
    const ends = testPipe({ capacity });
    /** What is on its way to each end. */
    const queues: [Sample[], Sample[]] = [[], []];
    const until = performance.now() + (seconds * 1000) / 2;
    let n = 0;
    while (performance.now() < until || n <= 100) {
      const side = random(2);
      const [end, inbound, outbound] = [ends[side]!, queues[side]!, queues[1 - side]!];
      if (random(2) === 0) {
        const message = sample(random, n++);
        if (await trySend(end, message, random)) outbound.push(message);
        else expect(outbound.length).toBeGreaterThan(0);
      } else if (inbound.length === 0) {
        expect(end.pollSync()).toBe(false);
        expect(() => end.recvSync({ timeout: 0 })).toThrow('did not come');
      } else {
        expect(end.pollSync()).toBe(true);
        const expected = inbound.shift()!;
        check(await receive(end, expected, random), expected);
      }
    }
    for (const side of [0, 1]) {
      for (const expected of queues[side]!) check(await receive(ends[side]!, expected, random), expected);
      expect(ends[side]!.pollSync()).toBe(false);
    }
    expect(n).toBeGreaterThan(100);
  },
);

describe.each(['echo', 'echoSync'] as const)('with a process that answers by %s', (scenario) => {
  test.each([SMALL, 1 << 20])(
    'everything comes back, through a ring of %d bytes',
    { timeout: (seconds + 120) * 1000 },
    async (capacity) => {
      const random = randomNumbers('MP_FUZZ_SEED');
      const { ours } = pipeToPeer(scenario, [], { capacity });
      const expected: Sample[] = [];
      // It has started when it answers.
      ours.sendSync('hello');
      expect(ours.recvSync({ timeout: 50_000 })).toBe('hello');
      const until = performance.now() + (seconds * 1000) / 4;
      const sends: Promise<void>[] = [];
      let n = 0;
      while (performance.now() < until || n <= 20) {
        if (expected.length < 40 && random(2) === 0) {
          const { value } = sample(random, n++);
          expected.push({ isBytes: false, value });
          sends.push(ours.send(value));
        } else if (expected.length > 0) {
          const next = expected.shift()!;
          check(await receive(ours, next, random), next);
        }
      }
      for (const next of expected) check(await receive(ours, next, random), next);
      await Promise.all(sends);
      expect(n).toBeGreaterThan(20);
    },
  );
});
