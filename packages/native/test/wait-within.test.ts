import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { type Waiting, waitWithin } from '../src/index.ts';

checkLeaks();

/** A wait that can be ended from outside, and counts how often it was begun and undone. */
function testWaiting(): {
  waiting: Waiting<string>;
  resolve: (value: string) => void;
  reject: (error: unknown) => void;
  counts: { begun: number; undone: number };
} {
  const counts = { begun: 0, undone: 0 };
  const ends = { resolve: (_: string): void => {}, reject: (_: unknown): void => {} };
  const waiting: Waiting<string> = {
    what: 'test: waiting for nothing',
    begin(resolve, reject) {
      counts.begun++;
      Object.assign(ends, { resolve, reject });
      return () => void counts.undone++;
    },
    late: () => 'late',
  };
  return { waiting, counts, resolve: (value) => ends.resolve(value), reject: (error) => ends.reject(error) };
}

test('what has happened ends the wait, once, and undoes it, once', async () => {
  const { waiting, resolve, reject, counts } = testWaiting();
  const waited = waitWithin({ timeout: 60_000 }, waiting);
  resolve('first');
  resolve('second');
  reject(new Error('third'));
  expect(await waited).toBe('first');
  expect(counts).toEqual({ begun: 1, undone: 1 });
});

test('an error ends it too', async () => {
  const { waiting, reject, counts } = testWaiting();
  const waited = waitWithin(undefined, waiting);
  reject(new Error('broken'));
  await expect(waited).rejects.toThrow('broken');
  expect(counts.undone).toBe(1);
});

test('the time-out ends it with what is late, or with what that throws', async () => {
  const late = testWaiting();
  expect(await waitWithin({ timeout: 1 }, late.waiting)).toBe('late');
  expect(late.counts).toEqual({ begun: 1, undone: 1 });
  const failing = testWaiting();
  const throws = {
    ...failing.waiting,
    late: () => {
      throw new Error('too late');
    },
  };
  await expect(waitWithin({ timeout: 0 }, throws)).rejects.toThrow('too late');
  expect(failing.counts.undone).toBe(1);
});

test('the signal ends it with its reason, and an aborted one begins nothing', async () => {
  const reason = new Error('no longer needed');
  const aborted = expect.objectContaining({ code: 'ABORT_ERR', cause: reason });
  const during = testWaiting();
  const controller = new AbortController();
  const waited = waitWithin({ signal: controller.signal }, during.waiting);
  controller.abort(reason);
  await expect(waited).rejects.toEqual(aborted);
  expect(during.counts).toEqual({ begun: 1, undone: 1 });
  const before = testWaiting();
  await expect(waitWithin({ signal: AbortSignal.abort(reason) }, before.waiting)).rejects.toEqual(aborted);
  expect(before.counts.begun).toBe(0);
});

test('what happens while it begins ends it, and is undone', async () => {
  let undone = 0;
  const waited = waitWithin(
    { timeout: 60_000 },
    {
      what: 'test',
      begin(resolve: (value: number) => void) {
        resolve(7);
        return () => void undone++;
      },
      late: () => 0,
    },
  );
  expect(await waited).toBe(7);
  expect(undone).toBe(1);
});

test('a time-out of months is as good as none', async () => {
  const { waiting, resolve } = testWaiting();
  const waited = waitWithin({ timeout: 2 ** 40 }, waiting);
  await new Promise((done) => setImmediate(done));
  resolve('in time');
  expect(await waited).toBe('in time');
});

test('what is no signal is refused before anything is waited for', async () => {
  const begin = (): never => {
    throw new Error('it was begun');
  };
  const waiting = { what: 'a test', begin, late: () => 'late' };
  await expect(waitWithin({ timeout: 1, signal: 5 as never }, waiting)).rejects.toThrow(
    'must be an AbortSignal, not of type number',
  );
  await expect(waitWithin({ signal: new AbortController() as never }, waiting)).rejects.toThrow(TypeError);
});
