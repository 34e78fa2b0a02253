import { afterEach, beforeEach, vi } from 'vitest';

/** What `performance.now()` says, in milliseconds: it goes on only when a test says so. Begins anew with each test. */
export function testClock(): { now: number } {
  const clock = { now: 0 };
  beforeEach(() => {
    clock.now = 1000;
    vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  return clock;
}
