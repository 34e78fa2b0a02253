import { describe, expect, test } from 'vitest';
import { forms } from './fixtures/forms.ts';
import { pipeToPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, outcome, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

describe.each(forms)('in the $name form', ({ name, recv, recvBytes, poll, sendBytes }) => {
  test('poll does not wait unless it is told to', async () => {
    const [a, b] = testPipe();
    for (const options of [undefined, {}, { timeout: undefined }, { timeout: 0 }, { timeout: -5 }]) {
      expect(await poll(b, options)).toBe(false);
    }
    a.sendSync(1);
    for (const options of [undefined, {}, { timeout: undefined }, { timeout: 0 }, { timeout: -5 }]) {
      expect(await poll(b, options)).toBe(true);
    }
  });

  test('poll never takes anything', async () => {
    const [a, b] = testPipe();
    a.sendSync('first');
    a.sendSync({ big: new Uint8Array(300_000) });
    for (let i = 0; i < 5; i++) expect(await poll(b)).toBe(true);
    expect(await recv(b)).toBe('first');
    for (let i = 0; i < 5; i++) expect(await poll(b, { timeout: 10 })).toBe(true);
    expect(await recv(b)).toMatchObject({ big: { length: 300_000 } });
    expect(await poll(b)).toBe(false);
  });

  test('an empty message is something to receive', async () => {
    const [a, b] = testPipe();
    await sendBytes(a, new Uint8Array(0));
    expect(await poll(b)).toBe(true);
    expect(await recvBytes(b)).toHaveLength(0);
    expect(await poll(b)).toBe(false);
  });

  test('the end is something to receive, and stays so', async () => {
    const [a, b] = testPipe();
    a.close();
    for (let i = 0; i < 3; i++) {
      expect(await poll(b)).toBe(true);
      expect(await poll(b, { timeout: 1000 })).toBe(true);
      expect(await outcome(recv(b))).toMatchObject({ code: 'ERR_MP_EOF' });
    }
  });

  test('poll waits until its time is over', async () => {
    const { ours, peer } = pipeToPeer('idle');
    await peer.says('ready');
    const begin = performance.now();
    expect(await poll(ours, { timeout: 25 })).toBe(false);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(24);
  });

  test('poll waits for a message of another process, and no longer', async () => {
    const { ours } = pipeToPeer('sendNumbered', [1, name]);
    expect(await poll(ours, { timeout: 30_000 })).toBe(true);
    expect(await recv(ours)).toMatchObject({ n: 0 });
    expect(await poll(ours, { timeout: Number.POSITIVE_INFINITY })).toBe(true);
    expect(await outcome(recv(ours))).toMatchObject({ code: 'ERR_MP_EOF' });
  });

  test.each([Number.NaN, 'soon' as never])('poll refuses to wait for %s', async (timeout) => {
    const [, b] = testPipe();
    expect(await outcome(poll(b, { timeout }))).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  });
});

test('many polls at once are all answered by one message', async () => {
  const [a, b] = testPipe();
  const polls = Array.from({ length: 10 }, () => b.poll({ timeout: 30_000 }));
  a.sendSync(1);
  expect(await Promise.all(polls)).toEqual(new Array(10).fill(true));
  expect(b.recvSync()).toBe(1);
});

test('a poll that is aborted says so', async () => {
  const [, b] = testPipe();
  const controller = new AbortController();
  const polled = outcome(b.poll({ timeout: 60_000, signal: controller.signal }));
  controller.abort('reason');
  expect(await polled).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: 'reason' });
});
