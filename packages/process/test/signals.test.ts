import { constants } from 'node:os';
import { type Connection, Pipe } from '@mp/connection';
import { EOFError } from '@mp/errors';
import type { Process } from '@mp/process';
import { checkLeaks, isRunning } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { exits } from './fixtures/endings.ts';
import { startChild } from './fixtures/grandchild.ts';
import { target as neverImported } from './fixtures/modules/never-imported.ts';
import { block, cleanUp, endGently, idle, ignoreSignals, spin } from './fixtures/waiting.ts';
import { ended, running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

const { SIGTERM, SIGKILL, SIGINT } = constants.signals;

const ways: readonly (readonly [string, (child: Process) => void, number])[] = [
  ['terminate', (child) => child.terminate(), SIGTERM],
  ['kill', (child) => child.kill(), SIGKILL],
  ['interrupt', (child) => child.interrupt(), SIGINT],
];

describe.each(startMethods)('by %s', (method) => {
  /** A child that does this, and has said that it does. */
  async function started<Rest extends unknown[]>(
    target: (connection: Connection, ...rest: Rest) => unknown,
    ...rest: Rest
  ): Promise<{ child: Process; ours: Connection; first: unknown }> {
    const [ours, theirs] = Pipe();
    const child = await running(method, { target: target as never, args: [theirs, ...rest] as never });
    theirs.close();
    return { child, ours, first: await ours.recv() };
  }

  describe.each(ways)('%s', (_, end, signal) => {
    test.each([
      ['waits', idle],
      ['never lets go of its thread', spin],
      ['is blocked in the system', block],
    ])('ends a child that %s', async (_, target) => {
      const { child, ours } = await started(target);
      end(child);
      expect(await child.join()).toBe(true);
      expect(child.exitCode).toBe(-signal);
      await expect(ours.recv()).rejects.toBeInstanceOf(EOFError);
      ours.close();
    });

    // A copy comes to it at once.
    test.runIf(method === 'spawn')('ends a child that has not come to its target yet', async () => {
      // Nor will it, however long this process is kept from going on.
      const child = await running(method, { target: neverImported });
      end(child);
      expect(child.joinSync()).toBe(true);
      expect(child.exitCode).toBe(-signal);
    });

    test('does nothing when the child has ended, joined or not', async () => {
      const child = await ended(method, { target: exits, args: [7] });
      end(child);
      end(child);
      expect(child.exitCode).toBe(7);
    });

    test('may be called more than once', async () => {
      const { child, ours } = await started(idle);
      end(child);
      end(child);
      expect(child.joinSync()).toBe(true);
      end(child);
      expect(child.exitCode).toBe(-signal);
      ours.close();
    });
  });

  test('a child may take its leave when it is terminated', async () => {
    const { child, ours } = await started(endGently, 7);
    child.terminate();
    expect(await ours.recv()).toBe('leaving');
    await child.join();
    expect(child.exitCode).toBe(7);
    ours.close();
  });

  test('without a handler a terminated child does not get to its finally', async () => {
    const { child, ours } = await started(cleanUp);
    child.terminate();
    await expect(ours.recv()).rejects.toBeInstanceOf(EOFError);
    await child.join();
    ours.close();
  });

  test('kill ends a child that heeds no other signal', async () => {
    const { child, ours } = await started(ignoreSignals);
    child.terminate();
    expect(await ours.recv()).toBe('SIGTERM');
    child.interrupt();
    expect(await ours.recv()).toBe('SIGINT');
    expect(child.isAlive()).toBe(true);
    child.kill();
    await child.join();
    expect(child.exitCode).toBe(-SIGKILL);
    ours.close();
  });

  test('kill ends a child that was stopped', async () => {
    const { child, ours } = await started(idle);
    process.kill(child.pid as number, 'SIGSTOP');
    expect(child.isAlive()).toBe(true);
    child.kill();
    expect(child.joinSync()).toBe(true);
    expect(child.exitCode).toBe(-SIGKILL);
    ours.close();
  });

  test('the children of a terminated child end with it', async () => {
    const { child, ours, first: grandchild } = await started(startChild, spin);
    expect(isRunning(grandchild as number)).toBe(true);
    child.terminate();
    await child.join();
    // Which outlives the child by no more than the moment that it takes to notice.
    await expect(ours.recv()).rejects.toBeInstanceOf(EOFError);
    ours.close();
  });
});
