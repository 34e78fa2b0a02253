/**
 * Arbitrary arguments, in arbitrary order, from a process that must not die of them.
 *
 * `MP_FUZZ_ROUNDS` sets how many calls (default 20,000), `MP_FUZZ_SEED` repeats a run.
 */
import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';

checkLeaks();

const rounds = process.env.MP_FUZZ_ROUNDS ?? '20000';
const seed = process.env.MP_FUZZ_SEED ?? String(Math.floor(Math.random() * 2 ** 31));

test(`nothing that a function is given makes it crash (seed ${seed})`, { timeout: 600_000 }, async () => {
  const result = await nodeChild(new URL('./fixtures/fuzz.ts', import.meta.url), {
    args: [seed, rounds],
    execArgv: ['--expose-gc'],
    limit: 590_000,
  });
  expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
  const { calls, returned, thrown } = JSON.parse(result.stdout) as Record<string, number>;
  expect(calls).toBe(Number(rounds));
  // Both happen often: otherwise nothing was tested.
  expect(returned).toBeGreaterThan(Number(rounds) / 20);
  expect(thrown).toBeGreaterThan(Number(rounds) / 20);
});
