import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import * as mp from '../src/index.ts';
import { double, introduce } from './fixtures/targets.ts';

checkLeaks();

// The fork server stays until the test file ends; what is there before a test is no leak of it.
if (mp.getAllStartMethods().includes('forkserver')) {
  const process = new mp.ForkServerProcess();
  await process.start();
  await process.join();
  process.close();
}

test('a context is the same object whenever it is asked for', () => {
  expect(mp.getContext('spawn')).toBe(mp.getContext('spawn'));
  expect(mp.getContext()).toBe(mp.getContext(mp.getStartMethod()));
  expect(mp.getContext('spawn').getContext()).toBe(mp.getContext('spawn'));
});

test('a method that does not exist is refused with the names of those that do', () => {
  expect(() => mp.getContext('teleport' as never)).toThrow(mp.StartMethodError);
  expect(() => mp.getContext('teleport' as never)).toThrow(/teleport.*spawn/s);
});

test('a context has one method and no other', () => {
  const context = mp.getContext('spawn');
  expect(context.getStartMethod()).toBe('spawn');
  expect(() => context.setStartMethod('spawn')).toThrow(mp.StartMethodError);
  expect(context.getAllStartMethods()).toEqual(mp.getAllStartMethods());
});

describe.each(mp.getAllStartMethods())('the context of %s', (method) => {
  const context = mp.getContext(method);

  test('starts processes by its method, and they keep to it', async () => {
    const [ours, theirs] = context.Pipe();
    const child = new context.Process({ target: introduce, args: [theirs] });
    await child.start();
    theirs.close();
    expect(await ours.recv()).toMatchObject({ method });
    await child.join();
    expect(child.exitCode).toBe(0);
    child.close();
    ours.close();
  });

  test('has a pool whose workers are started by its method', async () => {
    const pool = new context.Pool(1);
    expect(await pool.map(double, [1, 2, 3])).toEqual([2, 4, 6]);
    await pool.terminate();
    await pool.join();
  });
});

test('cpuCount counts the cores that this process may use', () => {
  expect(mp.cpuCount()).toBeGreaterThanOrEqual(1);
  expect(Number.isInteger(mp.cpuCount())).toBe(true);
});
