import { availableParallelism } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Spin } from '../src/spin.ts';

/** A clock that goes on by a microsecond each time that somebody looks at it. */
let now = 0;
beforeEach(() => {
  now = 1;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 0.001));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const words = new Int32Array(new SharedArrayBuffer(4));

/** How long a spin takes in which nothing comes, in milliseconds. */
function inVain(spin: Spin): number {
  const begun = now;
  expect(spin.until(words, 0, 0)).toBe(false);
  return now - begun;
}

describe.runIf(availableParallelism() > 1)('how long is looked before sleeping', () => {
  test('is longest when sleeps were short, and next to nothing when what comes takes its time', () => {
    const spin = new Spin();
    spin.slept(0.02);
    expect(inVain(spin)).toBeGreaterThan(0.05);
    for (let i = 0; i < 10; i++) {
      inVain(spin);
      spin.slept(5);
    }
    expect(inVain(spin)).toBeLessThan(0.005);
    spin.slept(0.02);
    expect(inVain(spin)).toBeGreaterThan(0.05);
  });

  test('is little altogether when the peer answers only once we sleep, and as before when it is quicker again', () => {
    const spin = new Spin();
    spin.slept(0.02);
    let spun = 0;
    const begun = now;
    for (let i = 0; i < 10_000; i++) {
      spun += inVain(spin);
      now += 0.02;
      spin.slept(0.02);
    }
    expect(spun / (now - begun)).toBeLessThan(0.15);

    now += 200;
    for (let i = 0; i < 20; i++) expect(spin.until(words, 0, 1)).toBe(true);
    expect(inVain(spin)).toBeGreaterThan(0.05);
    spin.slept(0.02);
    // The pause is short again.
    now += 1;
    expect(inVain(spin)).toBeGreaterThan(0.05);
  });

  test('is the same for a question that costs a system call', () => {
    const spin = new Spin();
    spin.slept(0.02);
    let asked = 0;
    const never = (): boolean => asked++ < 0;
    for (let i = 0; i < 1000; i++) {
      expect(spin.untilTrue(never)).toBe(false);
      now += 0.02;
      spin.slept(0.02);
    }
    expect(asked).toBeLessThan(3000);
    expect(spin.untilTrue(() => true)).toBe(true);
  });
});
