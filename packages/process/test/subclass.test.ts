// @module-tag every-node
import { Pipe } from '@mp/connection';
import { getContext } from '@mp/context';
import { activeChildren, Process } from '@mp/process';
import { PicklingError } from '@mp/reduction';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { exits } from './fixtures/endings.ts';
import { quiet } from './fixtures/quiet.ts';
import {
  Confidant,
  constructed,
  double,
  Failing,
  Greeter,
  PoliteGreeter,
  Secretive,
  Static,
  WithoutRun,
} from './fixtures/subclasses.ts';
import { endWithTest } from './running.ts';
import { sending, startMethods } from './start-methods.ts';

checkLeaks();

describe.each(startMethods)('a class derived from Process, by %s', (method) => {
  const context = getContext(method);

  test('has its own run called in the child, on a copy of the object with its fields', async () => {
    const [ours, theirs] = Pipe();
    const child = new Greeter('hello', theirs, { context, name: 'Bob' });
    child.count = 41;
    await child.start();
    endWithTest(child);
    theirs.close();
    expect(await ours.recv()).toEqual({
      greeting: 'hello',
      shout: 'hello!',
      seen: new Map([['a', [1]]]),
      count: 42,
      name: 'Bob',
      isCurrent: true,
      isGreeter: true,
      // The constructor is not called again.
      constructed: method === 'fork' ? constructed.count : 0,
      alive: true,
      pid: child.pid,
    });
    await child.join();
    expect(child.exitCode).toBe(0);
    // What the child did to its copy is the child's.
    expect(child.count).toBe(41);
    ours.close();
  });

  test('is named after its class', () => {
    const [one, other] = Pipe();
    expect(new Greeter('', one, { context }).name).toMatch(/^Greeter-\d+$/);
    expect(new Failing({ context }).name).toMatch(/^Failing-\d+$/);
    one.close();
    other.close();
  });

  test('may be derived once more, and call what it overrides', async () => {
    const [ours, theirs] = Pipe();
    const child = new PoliteGreeter('hello', theirs, { target: double, args: [21], context });
    await child.start();
    endWithTest(child);
    theirs.close();
    expect(await ours.recv()).toMatchObject({ greeting: 'hello', isGreeter: true });
    expect(await ours.recv()).toEqual(['please', 42]);
    await child.join();
    ours.close();
  });

  test('calls its target if it has no run of its own', async () => {
    const child = new WithoutRun({ target: exits, args: [7], context });
    await child.start();
    endWithTest(child);
    await child.join();
    expect(child.exitCode).toBe(7);
  });

  test('may have a private member that belongs to the class and not to the object', async () => {
    const child = new Static({ context });
    await child.start();
    endWithTest(child);
    await child.join();
    expect(child.exitCode).toBe(0);
  });
});

describe.each(sending)('an object of a derived class, to be sent by %s,', (method) => {
  const context = getContext(method);

  test.each([
    ['itself', Secretive],
    ['inherited', Confidant],
  ])('is refused if it keeps fields that nobody can see (%s), with the cure, and leaves no child', async (_, Class) => {
    const child = new Class({ target: quiet, args: [exits, [0]], context });
    endWithTest(child);
    await expect(child.start()).rejects.toBeInstanceOf(PicklingError);
    await expect(child.start()).rejects.toThrow(/Secretive.*private members/s);
    expect(activeChildren()).toEqual([]);
  });

  test('is refused if nobody can import it, and leaves no child', async () => {
    class Local extends Process {}
    const child = new Local({ context });
    await expect(child.start()).rejects.toBeInstanceOf(PicklingError);
    await expect(child.start()).rejects.toThrow(/Local/);
    expect(activeChildren()).toEqual([]);
  });

  test('is refused if a field of it cannot travel, by the name of the field', async () => {
    const child = Object.assign(new WithoutRun({ context }), { deep: { callback: () => {} } });
    await expect(child.start()).rejects.toMatchObject({ path: 'this.deep.callback' });
    expect(activeChildren()).toEqual([]);
    child.deep.callback = exits as never;
    await child.start();
    endWithTest(child);
    await child.join();
    expect(child.exitCode).toBe(0);
  });
});
