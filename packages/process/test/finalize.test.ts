import { Finalize, ForkProcess } from '@mp/process';
import { checkLeaks, nodeChild, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { ended } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

describe.each(startMethods)('at the end of a program with a child by %s', (method) => {
  test('finalizers run in order: before children are waited for from 0 on, below 0 after', async () => {
    const program = new URL('./fixtures/programs/finalizing.ts', import.meta.url);
    const { stdout, stderr, code } = await nodeChild(program, { args: [method] });
    expect(stdout.split('\n')).toEqual(['another five', 'five', 'zero', 'the child ends', 'of the child', 'below', '']);
    expect([stderr, code]).toEqual(['', 3]);
  });
});

describe('a finalizer', () => {
  test('runs once, when it is told to', () => {
    const finalize = new Finalize({}, (x: number) => x + 1, { args: [1] });
    expect(finalize.active).toBe(true);
    expect(finalize.run()).toBe(2);
    expect(finalize.active).toBe(false);
    expect(finalize.run()).toBeUndefined();
  });

  test('runs when its object has been collected', async () => {
    let ran = 0;
    new Finalize({ large: true }, () => {
      ran++;
    });
    await until(() => {
      globalThis.gc?.();
      return ran > 0;
    });
    expect(ran).toBe(1);
  });

  test('does not run when it was cancelled', () => {
    const finalize = new Finalize({}, () => 1);
    finalize.cancel();
    expect([finalize.active, finalize.run()]).toEqual([false, undefined]);
  });

  test('of the parent is none of a forked child', async () => {
    const finalize = new Finalize(undefined, () => process.exit(5), { exitPriority: 0 });
    const child = new ForkProcess({ target: () => finalize.active || finalize.run() });
    await child.start();
    await child.join();
    expect(child.exitCode).toBe(0);
    expect(finalize.active).toBe(true);
    finalize.cancel();
    expect((await ended('fork', {})).exitCode).toBe(0);
  });

  test('needs an object or a priority, which is an integer', () => {
    expect(() => new Finalize(undefined, () => {})).toThrow(/never be run; give it an exitPriority/);
    expect(() => new Finalize({}, () => {}, { exitPriority: 0.5 })).toThrow(/must be an integer, not 0.5/);
  });
});
