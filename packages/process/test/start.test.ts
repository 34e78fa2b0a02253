import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pipe } from '@mp/connection';
import { getContext, type StartMethod, setExecutable } from '@mp/context';
import { activeChildren, Process, ProcessStateError, StartError } from '@mp/process';
import { PicklingError } from '@mp/reduction';
import { checkLeaks, until } from '@mp/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tryToStart } from './fixtures/daemonic.ts';
import { noop } from './fixtures/noop.ts';
import { lasts, parentNumber } from './fixtures/parent-number.ts';
import { idle } from './fixtures/waiting.ts';
import { inChild } from './in-child.ts';
import { ended, endWithTest, running } from './running.ts';
import { blocking, sending, startMethods } from './start-methods.ts';

checkLeaks();

type Form = readonly [name: string, start: (child: Process) => Promise<void>];

const formsOf = (method: StartMethod): readonly Form[] => {
  const forms: Form[] = [['start', (child) => child.start()]];
  if (blocking.includes(method)) forms.push(['startSync', async (child) => child.startSync()]);
  return forms;
};

describe.each(startMethods)('starting by %s', (method) => {
  const context = getContext(method);

  describe.each(formsOf(method))('%s', (_, start) => {
    test('gives the process a number', async () => {
      const [ours, theirs] = Pipe();
      const child = new Process({ target: idle, args: [theirs], context });
      await start(child);
      endWithTest(child);
      theirs.close();
      expect(child.pid).toBeGreaterThan(0);
      expect(child.pid).not.toBe(process.pid);
      expect(child.isAlive()).toBe(true);
      ours.close();
    });

    test('is refused the second time, while it runs and when it has ended', async () => {
      const [ours, theirs] = Pipe();
      const child = await running(method, { target: idle, args: [theirs], name: 'Bob' });
      theirs.close();
      await ours.recv();
      await expect(start(child)).rejects.toThrow(/Bob was started already: a process cannot be started twice/);
      ours.close();
      await child.join();
      await expect(start(child)).rejects.toBeInstanceOf(ProcessStateError);
      expect(child.exitCode).toBe(0);
    });
  });

  test('leaves daemon as it is', async () => {
    const child = await ended(method, { target: noop, daemon: true });
    expect(() => {
      child.daemon = false;
    }).toThrow(/has already started: set daemon before start/);
    expect(child.daemon).toBe(true);
  });

  test('is not for daemonic processes, and their objects are daemonic by default', async () => {
    const attempts = await inChild(method, tryToStart, [], { daemon: true, name: 'Bob' });
    for (const { error, message, daemon, pid } of attempts) {
      expect(error).toBe('ProcessStateError');
      expect(message).toContain('Bob is daemonic, and daemonic processes cannot have children');
      expect(pid).toBeUndefined();
      expect(daemon).toBe(true);
    }
    expect(attempts).toHaveLength(2);
  });

  test('lets go of target and arguments', async () => {
    let args: [object] | undefined = [{ large: true }];
    const watched = new WeakRef(args[0]);
    const child = new Process({ target: noop as (...args: unknown[]) => void, args, context });
    args = undefined;
    await child.start();
    endWithTest(child);
    await until(() => {
      globalThis.gc?.();
      return watched.deref() === undefined;
    });
    expect(watched.deref()).toBeUndefined();
    await child.join();
  });
});

describe.each(sending)('what is to be sent to a child by %s', (method) => {
  const context = getContext(method);

  describe.each(formsOf(method))('%s', (_, start) => {
    test('is refused to a target that nobody can import, and leaves no child', async () => {
      const child = new Process({ target: () => {}, context });
      await expect(start(child)).rejects.toBeInstanceOf(PicklingError);
      await expect(start(child)).rejects.toThrow(/target/);
      expect(activeChildren()).toEqual([]);
      expect(child.pid).toBeUndefined();
      expect(child.exitCode).toBeNull();
    });

    test('names the part of the arguments that cannot travel', async () => {
      const users = [{ name: 'bob', callback: () => {} }];
      const child = new Process({ target: noop as (...args: unknown[]) => void, args: [1, { users }], context });
      await expect(start(child)).rejects.toMatchObject({ path: expect.stringContaining('args[1].users[0].callback') });
      expect(activeChildren()).toEqual([]);
    });

    test('names the part of the named arguments that cannot travel', async () => {
      const child = new Process({
        target: noop as (named: object) => void,
        kwargs: { a: { b: Symbol('c') } },
        context,
      });
      await expect(start(child)).rejects.toMatchObject({ path: expect.stringContaining('kwargs.a.b') });
      expect(activeChildren()).toEqual([]);
    });

    test('can be repeated when the reason for the refusal is gone', async () => {
      const box: { content: unknown } = { content: () => {} };
      const child = new Process({ target: noop as (...args: unknown[]) => void, args: [box], context });
      await expect(start(child)).rejects.toBeInstanceOf(PicklingError);
      box.content = 7;
      await start(child);
      endWithTest(child);
      await child.join();
      expect(child.exitCode).toBe(0);
    });
  });

  test('is refused to a process object that came with a message', async () => {
    const child = new Process({ target: noop as (...args: unknown[]) => void, args: [new Process()], context });
    await expect(child.start()).rejects.toThrow(/Process/);
    await expect(child.start()).rejects.toBeInstanceOf(PicklingError);
  });
});

describe.each(startMethods)('a start by %s', (method) => {
  test('that was called off before begins nothing, and can be made again', async () => {
    const child = new Process({ target: noop, context: getContext(method) });
    const reason = new Error('changed my mind');
    const signal = AbortSignal.abort(reason);
    await expect(child.start({ signal })).rejects.toMatchObject({ name: 'AbortError', cause: reason });
    expect(child.pid).toBeUndefined();
    expect(activeChildren()).toEqual([]);
    await child.start({ signal: new AbortController().signal, timeout: 60_000 });
    endWithTest(child);
    await child.join();
    expect(child.exitCode).toBe(0);
  });
});

describe('a start by a fork server that does not answer', () => {
  let server: number;
  beforeEach(async () => {
    server = await inChild('forkserver', parentNumber, []);
    process.kill(server, 'SIGSTOP');
  });
  afterEach(() => {
    process.kill(server, 'SIGCONT');
  });

  test('ends by its time or its signal, and what the server starts in the end is ended', async () => {
    const child = new Process({ target: lasts, context: getContext('forkserver') });
    await expect(child.start({ timeout: 20 })).rejects.toMatchObject({ name: 'TimeoutError', timeout: 20 });
    const controller = new AbortController();
    const started = child.start({ signal: controller.signal });
    controller.abort();
    await expect(started).rejects.toMatchObject({ name: 'AbortError', cause: controller.signal.reason });
    expect(child.pid).toBeUndefined();
    expect(activeChildren()).toEqual([]);
    process.kill(server, 'SIGCONT');
    // The server does one after the other: by then it has done what it was asked for before.
    const another = await ended('forkserver', { target: noop });
    expect(another.exitCode).toBe(0);
    // Those that nobody wanted are gone: checkLeaks().
  });
});

describe.each(sending)('another program for %s', (method) => {
  const context = getContext(method);
  afterEach(() => setExecutable(undefined));

  const folder = (): string => mkdtempSync(join(tmpdir(), 'executable-'));

  const programs: readonly (readonly [string, () => string, code: string])[] = [
    ['that does not exist', () => join(folder(), 'node'), 'ENOENT'],
    ['that may not be executed', () => notExecutable(folder()), 'EACCES'],
    ['that is a folder', folder, 'EACCES'],
  ];

  test.each(programs)('%s is an error that says why, and no child is left', async (_, make, code) => {
    const path = make();
    setExecutable(path);
    const child = new Process({ target: noop, context });
    await expect(child.start()).rejects.toBeInstanceOf(StartError);
    expect(() => child.startSync()).toThrow(path);
    expect(() => child.startSync()).toThrow(expect.objectContaining({ cause: expect.objectContaining({ code }) }));
    expect(child.pid).toBeUndefined();
    expect(activeChildren()).toEqual([]);
    // It was not the fault of the object.
    setExecutable(undefined);
    await child.start();
    endWithTest(child);
    await child.join();
    expect(child.exitCode).toBe(0);
  });

  // What is no fork server cannot start anything.
  test.runIf(method === 'spawn')('is run', async () => {
    const path = join(folder(), 'node');
    writeFileSync(path, '#!/bin/sh\nexit 42\n');
    chmodSync(path, 0o755);
    setExecutable(path);
    expect((await ended(method, { target: noop })).exitCode).toBe(42);
  });
});

function notExecutable(folder: string): string {
  const path = join(folder, 'node');
  writeFileSync(path, '');
  chmodSync(path, 0o644);
  return path;
}
