import { nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';
import { fuzz, fuzzLoading } from './fuzzing.ts';
import { fuzzSeconds, Random, seed } from './random.ts';

// Corrupt messages: mutated, truncated, spliced and random ones. A few seconds as part of the tests;
// MP_FUZZ_SECONDS=600 goes on for ten minutes each, with other messages each time. MP_FUZZ_SEED repeats a run.

const seconds = fuzzSeconds();
const LIMIT = (seconds ?? 0) * 1000 + 60_000;

/** So many messages, or as many as there is time for. */
function enough(messages: number): (count: number) => boolean {
  if (seconds === undefined) return (count) => count >= messages;
  const end = performance.now() + seconds * 1000;
  return () => performance.now() > end;
}

const megabytes = (): number => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
};

test.each([true, false])(
  'a corrupt message is an UnpicklingError or a value, and leaves no trace (trusted: %s)',
  (trusted) => {
    fuzz(new Random(1), (count) => count >= 2000, trusted);
    const before = megabytes();
    const { messages, arrived, refused } = fuzz(new Random(seed()), enough(12_000), trusted);
    expect(arrived + refused).toBe(messages);
    expect(Math.min(arrived, refused)).toBeGreaterThan(messages / 100);
    expect(megabytes() - before).toBeLessThan(20);
  },
  LIMIT,
);

test(
  'a corrupt reference leads to an UnpicklingError or to what is there',
  async () => {
    const { messages, arrived, refused } = await fuzzLoading(new Random(seed()), enough(3000));
    expect(arrived + refused).toBe(messages);
  },
  LIMIT,
);

test(
  'a process that unpickles nothing but corrupt messages neither crashes nor grows',
  async () => {
    const code = `
      import { fuzz } from './fuzzing.ts';
      import { Random } from './random.ts';
      const end = performance.now() + ${(seconds ?? 0) * 1000};
      const isEnough = ${seconds === undefined} ? (count) => count >= 6000 : () => performance.now() > end;
      const outcomes = [true, false].map((trusted) => fuzz(new Random(${seed()} + 1), isEnough, trusted));
      console.log(JSON.stringify([outcomes.every(({ messages }) => messages > 0), process.resourceUsage().maxRSS]));
    `;
    // With little memory, so that an allocation without bounds ends it.
    const execArgv = ['--max-old-space-size=128', '--stack-size=700'];
    const { stdout, stderr, signal } = await nodeChild({ code }, { execArgv, limit: LIMIT });
    expect({ stderr, signal }).toEqual({ stderr: '', signal: null });
    const [ran, kilobytes] = JSON.parse(stdout) as [boolean, number];
    expect(ran).toBe(true);
    expect(kilobytes).toBeLessThan(600_000);
  },
  LIMIT,
);
