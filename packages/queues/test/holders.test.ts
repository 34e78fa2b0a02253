import { getContext } from '@mp/context';
import { Process } from '@mp/process';
import { checkLeaks } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Holders } from '../src/holders.ts';
import { HOLDERS } from '../src/memory/layout.ts';
import { QueueSpace } from '../src/memory/space.ts';
import { killAfter } from './fixtures/kill-after.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

/** More than an object takes to come, or to go. */
const MOST_STEPS = 4;

/** Our object of a queue, and what is left when a fork has had another one and was killed at each of its steps. */
async function afterKills(
  act: (theirs: Holders, step: number) => void,
): Promise<{ exitCode: number | null; only: boolean; count: number }[]> {
  const outcomes = [];
  for (let step = 1; step <= MOST_STEPS; step++) {
    const space = QueueSpace.create(0);
    const holders = new Holders(space);
    onTestFinished(() => space.close());
    holders.add();
    // For the copy that the fork has.
    holders.add();
    const child = new Process({ target: () => act(holders, step), context: getContext('fork') });
    await child.start();
    await child.join();
    outcomes.push({
      exitCode: child.exitCode,
      only: holders.onlyThisThread,
      count: Atomics.load(space.words, HOLDERS),
    });
    child.close();
    holders.leave();
  }
  return outcomes;
}

// Only a fork can be given what stops it at a step.
describe.runIf(startMethods.includes('fork'))('a process that is killed', () => {
  test('while it notes that it has the queue is struck off, as soon as it has noted anything', async () => {
    const outcomes = await afterKills((theirs, step) => {
      killAfter(step);
      theirs.signIn();
      process.kill(process.pid, 'SIGKILL');
    });
    for (const outcome of outcomes) expect(outcome).toEqual({ exitCode: -9, only: true, count: 1 });
  });

  test('while it closes the queue is never struck off twice', async () => {
    const outcomes = await afterKills((theirs, step) => {
      theirs.signIn();
      killAfter(step);
      theirs.leave();
      process.kill(process.pid, 'SIGKILL');
    });
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual(outcomes.map(() => -9));
    // One too many passes for alive; one too few, and we would be told that nobody is left while somebody is.
    for (const { count } of outcomes) expect([1, 2]).toContain(count);
    expect(outcomes.at(-1)).toEqual({ exitCode: -9, only: true, count: 1 });
  });
});
