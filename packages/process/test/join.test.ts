// @module-tag every-node
import { constants } from 'node:os';
import { Pipe, waitSync } from '@mp/connection';
import { AbortError } from '@mp/errors';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { exits } from './fixtures/endings.ts';
import { idle } from './fixtures/waiting.ts';
import { ended, running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

describe.each(startMethods)('joining by %s', (method) => {
  /** A child that ends when `end` is called. */
  async function started() {
    const [ours, theirs] = Pipe();
    const child = await running(method, { target: idle, args: [theirs], name: 'Bob' });
    theirs.close();
    await ours.recv();
    return { child, end: () => ours.close() };
  }

  test('says whether the process has ended, as often as it is asked', async () => {
    const { child, end } = await started();
    for (const timeout of [0, -1, Number.NEGATIVE_INFINITY, 1, 0.5]) {
      expect(await child.join({ timeout })).toBe(false);
      expect(child.joinSync({ timeout })).toBe(false);
    }
    expect(child.isAlive()).toBe(true);
    expect(child.exitCode).toBeNull();
    end();
    for (const timeout of [undefined, Number.POSITIVE_INFINITY, 0, -1, 10_000]) {
      expect(await child.join({ timeout })).toBe(true);
      expect(child.joinSync({ timeout })).toBe(true);
    }
    expect(child.exitCode).toBe(0);
  });

  test('blocks the thread in its Sync form, and knows the exit code at once', async () => {
    const { child, end } = await started();
    end();
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    expect(child.joinSync()).toBe(true);
    expect(child.exitCode).toBe(0);
    expect(child.isAlive()).toBe(false);
    expect(turned).toBe(false);
  });

  test('wakes everybody who waits, in either form', async () => {
    const { child, end } = await started();
    const waiting = [child.join(), child.join({ timeout: 60_000 }), child.join({ timeout: 1 }), child.join()];
    expect(await waiting[2]).toBe(false);
    end();
    expect(child.joinSync()).toBe(true);
    expect(await Promise.all(waiting)).toEqual([true, true, false, true]);
  });

  test('tells of several that ended at the same time, to whoever was told of one of them first', async () => {
    const both = [await started(), await started()] as const;
    const [first, second] = both;
    const joined = first.child.join();
    for (const { child } of both) child.kill();
    // Blocks the thread, so that the event loop finds both dead when it looks for the first time.
    for (const { child } of both) waitSync([child.sentinel]);
    await joined;
    expect(second.child.isAlive()).toBe(false);
    expect(second.child.joinSync()).toBe(true);
    const killed = -constants.signals.SIGKILL;
    expect(both.map(({ child }) => child.exitCode)).toEqual([killed, killed]);
    for (const { end } of both) end();
  });

  test('is ended by a signal, and the process is none the worse', async () => {
    const { child, end } = await started();
    const reason = new Error('no time');
    await expect(child.join({ signal: AbortSignal.abort(reason) })).rejects.toBeInstanceOf(AbortError);
    const controller = new AbortController();
    const [aborted, other] = [child.join({ signal: controller.signal }), child.join()];
    controller.abort(reason);
    await expect(aborted).rejects.toMatchObject({
      code: 'ABORT_ERR',
      cause: reason,
      message: expect.stringContaining('Bob'),
    });
    expect(child.isAlive()).toBe(true);
    end();
    expect(await other).toBe(true);
    expect(child.exitCode).toBe(0);
  });

  test('is over before it began with a signal that was aborted, though the process has ended', async () => {
    const child = await ended(method, { target: exits, args: [0] });
    await expect(child.join({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
    expect(await child.join({ signal: new AbortController().signal })).toBe(true);
  });

  test('refuses a time-out that is no number', async () => {
    const { child, end } = await started();
    for (const timeout of [Number.NaN, '1' as never, null as never]) {
      await expect(child.join({ timeout })).rejects.toThrow(TypeError);
      expect(() => child.joinSync({ timeout })).toThrow(TypeError);
    }
    end();
    expect(await child.join()).toBe(true);
  });
});
