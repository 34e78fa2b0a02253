import { AbortError } from '@mp/errors';
import { describe, expect, test } from 'vitest';
import { Event } from '../src/index.ts';
import { forms, outcome } from './fixtures/forms.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';
import { startPeer } from './fixtures/peers.ts';

checkMemoryLeaks();

describe.each(forms)('an event, $name form:', ({ wait }) => {
  test('who waits for a set event passes, and for another one is late', async () => {
    const event = new Event();
    expect(event.isSet()).toBe(false);
    for (const timeout of [-1, 0, 5]) expect(await wait(event, { timeout })).toBe(false);
    event.set();
    event.set();
    expect(event.isSet()).toBe(true);
    for (const timeout of [-1, 0, 5]) expect(await wait(event, { timeout })).toBe(true);
    event.clear();
    event.clear();
    expect(await wait(event, { timeout: 0 })).toBe(false);
  });

  test('another process sets it', async () => {
    const event = new Event();
    startPeer('set', [event]);
    expect(await wait(event)).toBe(true);
  });
});

test.each(['waitForEvent', 'waitForEventSync'] as const)('set wakes all processes that %s', async (form) => {
  const event = new Event();
  const peers = [1, 2, 3].map(() => startPeer(form, [event]));
  for (const peer of peers) await peer.says('waiting');
  event.set();
  for (const peer of peers) await peer.says('true');
});

test('set does not wait for a waiter that was killed', async () => {
  const event = new Event();
  const killed = startPeer('waitForEventSync', [event]);
  const other = startPeer('waitForEventSync', [event]);
  for (const peer of [killed, other]) await peer.says('waiting');
  killed.kill();
  await killed.ended;
  event.set();
  await other.says('true');
  expect(event.isSet()).toBe(true);
});

test('who waited while it was set passes, though it was cleared at once', async () => {
  const event = new Event();
  const waited = Array.from({ length: 1000 }, () => event.wait());
  event.set();
  event.clear();
  expect(new Set(await Promise.all(waited))).toEqual(new Set([true]));
  expect(await event.wait({ timeout: 0 })).toBe(false);
});

test('a signal ends the wait of one, and of no other', async () => {
  const event = new Event();
  const controller = new AbortController();
  const aborted = outcome(event.wait({ signal: controller.signal }));
  const other = event.wait();
  controller.abort();
  expect(await aborted).toBeInstanceOf(AbortError);
  event.set();
  expect(await other).toBe(true);
  expect(await outcome(event.wait({ signal: controller.signal }))).toBeInstanceOf(AbortError);
});

test('it may be set in a signal handler, while others of the thread wait for it', async () => {
  const event = new Event();
  process.once('SIGUSR2', () => event.set());
  const waited = [event.wait(), event.wait({ timeout: 10_000 })];
  process.kill(process.pid, 'SIGUSR2');
  expect(await Promise.all(waited)).toEqual([true, true]);
  expect(event.isSet()).toBe(true);
});

test('it shows whether it is set', async () => {
  const event = new Event();
  expect(String(event)).toBe('<Event unset>');
  event.set();
  await startPeer('show', [event]).says('<Event set>');
});
