// @module-tag every-node
import { inspect } from 'node:util';
import { Pipe } from '@mp/connection';
import { getContext } from '@mp/context';
import { activeChildren, currentProcess, Process, ProcessStateError, parentProcess, SpawnProcess } from '@mp/process';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { generations, whoAmI } from './fixtures/family.ts';
import { noop } from './fixtures/noop.ts';
import { echo } from './fixtures/waiting.ts';
import { inChild } from './in-child.ts';
import { endWithTest, running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

describe('the main process', () => {
  const main = currentProcess();

  test('is a process that runs, and has no parent', () => {
    expect(main).toMatchObject({ name: 'MainProcess', pid: process.pid, daemon: false, exitCode: null });
    expect(main.isAlive()).toBe(true);
    expect(main).toBeInstanceOf(Process);
    expect(inspect(main)).toBe("<MainProcess name='MainProcess' parent=none started>");
    expect(parentProcess()).toBeUndefined();
  });

  test('is always the same object', () => {
    expect(currentProcess()).toBe(main);
  });

  test('cannot be started, joined or ended as if it were a child', async () => {
    await expect(main.start()).rejects.toBeInstanceOf(ProcessStateError);
    await expect(main.join()).rejects.toThrow('MainProcess is no child of this process');
    expect(() => main.terminate()).toThrow(ProcessStateError);
    expect(() => main.sentinel).toThrow(ProcessStateError);
    expect(() => {
      main.daemon = true;
    }).toThrow(ProcessStateError);
  });

  test('is not harmed by close', () => {
    main.close();
    expect(main.isAlive()).toBe(true);
    expect(main.pid).toBe(process.pid);
  });
});

test('processes are numbered as they are made, and called after their class', () => {
  class Greeter extends Process {}
  const numberOf = ({ name }: Process): number => Number(/^\w+-(\d+)$/.exec(name)?.[1]);
  const first = numberOf(new Process());
  const others = [new Greeter(), new SpawnProcess({ target: noop }), new Process({ name: 'Bob' }), new Process()];
  expect(others.map(({ name }) => name)).toEqual([
    `Greeter-${first + 1}`,
    `SpawnProcess-${first + 2}`,
    'Bob',
    `Process-${first + 4}`,
  ]);
});

describe.each(startMethods)('a child by %s', (method) => {
  // A forked child has the very object that was made, of the class that it was made of.
  const className = { spawn: 'SpawnProcess', fork: 'Process', forkserver: 'ForkServerProcess' }[method];

  test('knows who it is, and whose child', async () => {
    const child = await inChild(method, whoAmI, [], { name: 'Bob' });
    expect(child).toEqual({
      className,
      name: 'Bob',
      pid: expect.any(Number),
      daemon: false,
      alive: true,
      exitCode: null,
      startMethod: method,
      children: 0,
      shown: `<${className} name='Bob' parent=${process.pid} started>`,
      parent: {
        name: 'MainProcess',
        pid: process.pid,
        exitCode: null,
        alive: true,
        isReallyParent: method !== 'forkserver',
        ended: false,
      },
    });
    expect(child.pid).not.toBe(process.pid);
  });

  test('is known to its parent by the same name and number', async () => {
    const [ours, theirs] = Pipe();
    const child = await running(method, { target: echo, args: [theirs, whoAmI] });
    theirs.close();
    expect(await ours.recv()).toMatchObject({ name: child.name, pid: child.pid });
    ours.close();
  });

  test('has children whose names say whose they are', async () => {
    const [child, first, second, third] = await inChild(method, generations, [], { name: 'Eve' });
    const number = /^Process-(\d+)$/.exec(new Process().name)?.[1];
    const own = Number(number) - 1;
    expect(child).toMatchObject({ name: 'Eve', parent: { name: 'MainProcess', pid: process.pid } });
    expect(first).toMatchObject({ name: `Process-${own}:1`, parent: { name: 'Eve', pid: child?.pid } });
    expect(second).toMatchObject({ name: `Process-${own}:2`, parent: { name: 'Eve', pid: child?.pid } });
    expect(third).toMatchObject({ name: `Process-${own}:2:1`, parent: { name: second?.name, pid: second?.pid } });
  });

  test('that is daemonic knows it', async () => {
    expect(await inChild(method, whoAmI, [], { daemon: true })).toMatchObject({
      daemon: true,
      shown: expect.stringMatching(/ started daemon>$/),
    });
  });
});

describe.each(startMethods)('activeChildren by %s', (method) => {
  test('are those that were started and have not ended', async () => {
    const [ours, theirs] = Pipe();
    const child = new Process({ target: echo, args: [theirs, whoAmI], context: getContext(method) });
    const daemon = new Process({ target: echo, args: [theirs, whoAmI], daemon: true, context: getContext(method) });
    expect(activeChildren()).toEqual([]);
    await child.start();
    endWithTest(child);
    await daemon.start();
    endWithTest(daemon);
    theirs.close();
    expect(activeChildren()).toEqual([child, daemon]);
    const list = activeChildren();
    list.length = 0;
    expect(activeChildren()).toHaveLength(2);
    child.kill();
    daemon.kill();
    await Promise.all([child.join(), daemon.join()]);
    expect(activeChildren()).toEqual([]);
    ours.close();
  });

  test('do not have one that has ended, though the event loop has not heard of it', async () => {
    const child = await running(method, { target: noop });
    // Nothing turns the loop between here and the end.
    const { waitSync } = await import('@mp/connection');
    expect(waitSync([child.sentinel])).toEqual([child.sentinel]);
    expect(activeChildren()).toEqual([]);
    expect(child.isAlive()).toBe(false);
    expect(child.exitCode).toBe(0);
  });
});
