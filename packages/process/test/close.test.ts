import { Pipe, wait, waitSync } from '@mp/connection';
import { getContext } from '@mp/context';
import { ClosedError } from '@mp/errors';
import { Process, ProcessStateError } from '@mp/process';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { exits } from './fixtures/endings.ts';
import { noop } from './fixtures/noop.ts';
import { idle, ignoreSignals, spin } from './fixtures/waiting.ts';
import { ended, running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

const questions: readonly (readonly [string, (child: Process) => unknown])[] = [
  ['pid', (child) => child.pid],
  ['exitCode', (child) => child.exitCode],
  ['sentinel', (child) => child.sentinel],
  ['isAlive', (child) => child.isAlive()],
  ['join', (child) => child.join()],
  ['joinSync', (child) => child.joinSync()],
  ['start', (child) => child.start()],
  ['startSync', (child) => child.startSync()],
  ['terminate', (child) => child.terminate()],
  ['kill', (child) => child.kill()],
  ['interrupt', (child) => child.interrupt()],
  [
    'daemon, set',
    (child) => {
      child.daemon = true;
    },
  ],
];

describe.each(startMethods)('closing by %s', (method) => {
  test('is refused while the process runs', async () => {
    const [ours, theirs] = Pipe();
    const child = await running(method, { target: idle, args: [theirs], name: 'Bob' });
    theirs.close();
    expect(() => child.close()).toThrow(/Bob is still running: join\(\) or terminate\(\) it before you close it/);
    expect(() => child.close()).toThrow(ProcessStateError);
    await ours.recv();
    expect(child.isAlive()).toBe(true);
    ours.close();
    expect(child.joinSync()).toBe(true);
    child.close();
  });

  test.each([
    ['started', true],
    ['not started', false],
  ])('leaves of a process that was %s its name and whether it was daemonic', async (_, start) => {
    const options = { target: exits, args: [3] as [number], name: 'Bob', daemon: true };
    const child = start ? await ended(method, options) : new Process({ ...options, context: getContext(method) });
    child.close();
    child.close();
    for (const [, ask] of questions) {
      await expect((async () => ask(child))()).rejects.toThrow('Bob: this Process object was closed');
      await expect((async () => ask(child))()).rejects.toBeInstanceOf(ClosedError);
    }
    expect([child.name, child.daemon]).toEqual(['Bob', true]);
    child.name = 'Eve';
    expect(`${child}`).toBe(`<Process name='Eve' parent=${process.pid} closed daemon>`);
  });

  test('at the end of a block ends the process first', async () => {
    const [ours, theirs] = Pipe();
    const child = await running(method, { target: spin, args: [theirs] });
    theirs.close();
    await ours.recv();
    await child[Symbol.asyncDispose]();
    await expect(ours.recv()).rejects.toThrow();
    expect(`${child}`).toMatch(/ closed>$/);
    await child[Symbol.asyncDispose]();
    ours.close();
  });

  test('at the end of a block kills a process that would rather not end, a second later', async () => {
    let said: unknown = 'EOFError';
    // On a busy machine it may not come to say so in that second; but the next one will.
    for (let attempt = 0; said === 'EOFError' && attempt < 20; attempt++) {
      const [ours, theirs] = Pipe();
      const child = await running(method, { target: ignoreSignals, args: [theirs] });
      theirs.close();
      await ours.recv();
      const begun = performance.now();
      await Promise.all([child[Symbol.asyncDispose](), child[Symbol.asyncDispose]()]);
      expect(performance.now() - begun).toBeGreaterThanOrEqual(999);
      said = await ours.recv().catch((error: Error) => error.name);
      expect(`${child}`).toMatch(/ closed>$/);
      ours.close();
    }
    expect(said).toBe('SIGTERM');
  });

  test('at the end of a block is nothing to a process that was never started', async () => {
    const child = new Process({ target: noop, context: getContext(method) });
    await child[Symbol.asyncDispose]();
    expect(() => child.isAlive()).toThrow(ClosedError);
  });

  test('is not needed: what was forgotten is freed with its object', async () => {
    for (let i = 0; i < 2; i++) {
      const child = new Process({ target: noop, context: getContext(method) });
      await child.start();
      expect(await child.join()).toBe(true);
    }
    // The rest is for the leak check.
  });
});

describe.each(startMethods)('the sentinel by %s', (method) => {
  test('becomes readable when the process ends, and stays so', async () => {
    const [ours, theirs] = Pipe();
    const child = await running(method, { target: idle, args: [theirs] });
    theirs.close();
    await ours.recv();
    const { sentinel } = child;
    expect(await wait([sentinel, child], { timeout: 0 })).toEqual([]);
    expect(waitSync([sentinel, child], { timeout: 1 })).toEqual([]);
    const waiting = wait([sentinel, child]);
    ours.close();
    expect(await waiting).toEqual([sentinel, child]);
    await child.join();
    expect(child.sentinel).toBe(sentinel);
    expect(await wait([sentinel, child])).toEqual([sentinel, child]);
    expect(waitSync([child, sentinel])).toEqual([child, sentinel]);
  });

  test('can be waited for together with connections', async () => {
    const [ours, theirs] = Pipe();
    const [quiet, other] = Pipe();
    const child = await running(method, { target: spin, args: [theirs] });
    theirs.close();
    expect(await wait([child, quiet, ours])).toEqual([ours]);
    expect(ours.recvSync()).toBe('spinning');
    const waiting = wait([quiet, child]);
    child.kill();
    expect(await waiting).toEqual([child]);
    other.sendSync('now');
    expect(waitSync([child, quiet, child.sentinel])).toEqual([child, quiet, child.sentinel]);
    for (const connection of [ours, quiet, other]) connection.close();
  });
});
