// @module-tag every-node
import { getContext } from '@mp/context';
import { Process, ProcessStateError } from '@mp/process';
import { PicklingError, UnpicklingError } from '@mp/reduction';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { catches, exits, killsItself } from './fixtures/endings.ts';
import * as failures from './fixtures/failures.ts';
import { quiet } from './fixtures/quiet.ts';
import { ended, endWithTest } from './running.ts';
import { blocking, startMethods } from './start-methods.ts';

checkLeaks();

describe.each(startMethods)('the error of a child, by %s,', (method) => {
  /** The error of a child that does this. */
  async function errorOf<Args extends unknown[]>(target: (...args: Args) => unknown, ...args: Args): Promise<unknown> {
    const child = await ended(method, { target: quiet, args: [target, args] });
    expect(child.exitCode).toBe(1);
    return child.error;
  }

  const customs: readonly (readonly [string, () => unknown])[] = [
    ['thrown by the target', failures.throwsCustom],
    ['of a rejected target', failures.rejectsCustom],
    ['thrown in a timer', failures.throwsInTimer],
  ];
  test.each(customs)('%s has its class, its fields, its cause and its stack', async (_, target) => {
    const error = await errorOf(target);
    expect(error).toBeInstanceOf(failures.OrderError);
    expect(error).toMatchObject({
      message: 'out of nails',
      code: 'ERR_ORDER',
      order: { id: 7, items: new Map([['nails', 100]]) },
      isOrderError: true,
      cause: expect.objectContaining({ message: 'only 3 left', cause: 'Monday' }),
    });
    const { stack, cause } = error as Error;
    expect(cause).toBeInstanceOf(RangeError);
    expect(stack).toMatch(/out of nails\n +at .*throwsCustom .*\(.*failures\.ts:\d+:\d+\)/);
    expect((cause as Error).stack).toMatch(/only 3 left\n +at .*throwsCustom .*\(.*failures\.ts:\d+:\d+\)/);
  });

  test('says in its stack in which process it happened', async () => {
    const child = await ended(method, { target: quiet, args: [failures.throwsCustom, []], name: 'Bob' });
    expect((child.error as Error).stack).toMatch(new RegExp(`\\n    at Bob \\(pid ${child.pid}\\)$`));
    expect(Object.keys(child.error as Error)).not.toContain('stack');
  });

  test('tells that it awaited for ever what nobody was left to bring about', async () => {
    const child = await ended(method, { target: quiet, args: [failures.awaitsForEver, []], name: 'Bob' });
    expect(child.exitCode).toBe(1);
    expect(child.error).toBeInstanceOf(ProcessStateError);
    expect(child.error).toMatchObject({
      message: expect.stringMatching(/^Bob ended too early: the promise of its target is not settled/),
    });
  });

  test('is none if it leaves by itself while it awaits, or somebody begins something when the event loop is empty', async () => {
    for (const target of [failures.exitsWhileItAwaits, failures.goesOnWhenTheLoopIsEmpty]) {
      const child = await ended(method, { target: quiet, args: [target, []] });
      expect(child.error).toBeUndefined();
      expect(child.exitCode).toBe(7);
    }
  });

  test('is there at once for who blocks the thread', async () => {
    const child = new Process({ target: quiet, args: [failures.throwsCustom, []], context: getContext(method) });
    if (blocking.includes(method)) child.startSync();
    else await child.start();
    endWithTest(child);
    child.joinSync();
    expect(child.error).toBeInstanceOf(failures.OrderError);
    expect(child.error).toBe(child.error);
  });

  test('of a class that is not exported is of the nearest class that everybody has, by its name', async () => {
    const error = await errorOf(failures.throwsHidden);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'of a hidden class', hidden: true });
    expect((error as Error).stack).toContain('throwsHidden');
  });

  test('arrives without what cannot travel, and says so', async () => {
    const error = await errorOf(failures.throwsUnpicklable);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      message: 'with a closure',
      harmless: 1,
      callback: expect.stringContaining('not picklable'),
    });
    expect((error as Error).stack).toContain('throwsUnpicklable');
  });

  test('arrives though a part of it throws when it is looked at', async () => {
    expect(await errorOf(failures.throwsHostile)).toMatchObject({ message: 'with a getter that throws' });
  });

  test('may be larger than any pipe', async () => {
    const bytes = 8 << 20;
    // Nothing may keep the process object: the memory of the error's data goes with the error.
    const look = async (): Promise<unknown[]> => {
      const child = new Process({ target: quiet, args: [failures.throwsHuge, [bytes]], context: getContext(method) });
      await child.start();
      await child.join();
      const { message, data } = child.error as Error & { data: Uint8Array };
      return [child.exitCode, message.length, data.length, data.at(-1)];
    };
    expect(await look()).toEqual([1, bytes, bytes, 1]);
  });

  test.each([
    ['a string', 'just a string'],
    ['a number', 7],
    ['null', null],
    ['a plain object', { code: 7 }],
  ])('may be %s', async (_, value) => {
    expect(await errorOf(failures.throwsValue, value)).toEqual(value);
  });

  test('may be undefined, and then nothing but the exit code tells of it', async () => {
    expect(await errorOf(failures.throwsValue, undefined)).toBeUndefined();
  });

  test('is replaced by words if it is no error and cannot travel', async () => {
    const error = await errorOf(failures.throwsFunction);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      message: expect.stringContaining('[Function: thrown]'),
      cause: expect.any(PicklingError),
    });
  });

  test('may be a rejection that nobody handles', async () => {
    expect(await errorOf(failures.rejectsElsewhereWith, new TypeError('elsewhere'))).toMatchObject({
      name: 'TypeError',
      message: 'elsewhere',
    });
    expect(await errorOf(failures.rejectsElsewhereWith, 'a reason')).toMatchObject({
      message: expect.stringContaining('a reason'),
    });
  });

  test('may consist of several', async () => {
    const error = (await errorOf(failures.throwsAggregate)) as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors).toEqual([new TypeError('one'), expect.any(failures.OrderError)]);
  });

  test('may come from the system', async () => {
    expect(await errorOf(failures.throwsSystemError)).toMatchObject({
      code: 'ENOENT',
      syscall: 'open',
      path: '/nowhere/at/all',
    });
  });

  test('may be an overflow of the stack', async () => {
    expect(await errorOf(failures.overflows)).toMatchObject({ name: 'RangeError' });
  });

  test('is the first one, not one of the way out', async () => {
    expect(await errorOf(failures.throwsTwice)).toMatchObject({ message: 'first' });
  });

  test('of a class whose module cannot be loaded here says that, at least', async () => {
    const error = await errorOf(failures.throwsForeign);
    expect(error).toBeInstanceOf(UnpicklingError);
    expect(error).toMatchObject({ message: expect.stringContaining('foreign-error.ts') });
  });

  test('is none if the child ended without one', async () => {
    const endings = [
      [exits, [1]],
      [killsItself, ['SIGTERM']],
      [catches, []],
    ] as const;
    for (const args of endings) expect((await ended(method, { target: quiet, args })).error).toBeUndefined();
  });
});
