import { AbortError } from '@mp/errors';
import { expect, test } from 'vitest';
import { type Contender, interleave } from '../src/interleave.ts';
import type { Report } from '../src/row.ts';

const schedule = { rounds: 3, pause: async () => {} };

/** A contender that notes what is asked of it. `fails` says at what it fails. */
function contender(log: string[], name: string, fails: Record<string, unknown> = {}): Contender {
  let round = 0;
  const note = (what: string): void => {
    log.push(`${name} ${what}`);
    if (what in fails) throw fails[what];
  };
  return {
    name,
    start: async () => {
      note('start');
      return {
        warm: async () => note('warm'),
        round: async (): Promise<Report> => {
          note(`round ${++round}`);
          return { seconds: round };
        },
        close: async () => note('close'),
      };
    },
  };
}

test('everybody warms up first, and then takes turns: ours, theirs, ours, theirs', async () => {
  const log: string[] = [];
  await interleave([contender(log, 'ours'), contender(log, 'cpython')], { ...schedule, rounds: 2 });
  expect(log).toEqual([
    'ours start',
    'ours warm',
    'cpython start',
    'cpython warm',
    'ours round 1',
    'cpython round 1',
    'ours round 2',
    'cpython round 2',
    'ours close',
    'cpython close',
  ]);
});

test('the reports of a contender are its rounds, without the warm-up', async () => {
  const outcomes = await interleave([contender([], 'ours')], schedule);
  expect(outcomes.get('ours')).toEqual({
    reports: [{ seconds: 1 }, { seconds: 2 }, { seconds: 3 }],
    complete: true,
    failure: undefined,
  });
});

test.each([['start'], ['warm'], ['round 2']])(
  'one that fails at its %s gets no more turns, and the others go on',
  async (what) => {
    const log: string[] = [];
    const failure = new Error('it broke');
    const outcomes = await interleave([contender(log, 'ours'), contender(log, 'peer', { [what]: failure })], schedule);
    expect(outcomes.get('peer')).toMatchObject({ complete: false, failure });
    expect(outcomes.get('ours')).toMatchObject({ complete: true, failure: undefined });
    expect(log.filter((line) => line === 'peer round 3')).toEqual([]);
    expect(log.filter((line) => line === 'peer close')).toHaveLength(what === 'start' ? 0 : 1);
  },
);

test('one that only fails to end keeps its rounds, and its failure is told', async () => {
  const failure = new Error('it hung');
  const outcomes = await interleave([contender([], 'peer', { close: failure })], schedule);
  expect(outcomes.get('peer')).toMatchObject({ complete: true, failure });
});

test('the reason of a failure is what came first, not what closing said after it', async () => {
  const failure = new Error('the reason');
  const outcomes = await interleave(
    [contender([], 'peer', { 'round 1': failure, close: new Error('late') })],
    schedule,
  );
  expect(outcomes.get('peer')!.failure).toBe(failure);
});

test('an abort ends the run at once, with everybody closed', async () => {
  const log: string[] = [];
  const aborted = new AbortError('Ctrl-C');
  const run = interleave([contender(log, 'ours'), contender(log, 'peer', { 'round 1': aborted })], schedule);
  await expect(run).rejects.toBe(aborted);
  expect(log.slice(-2)).toEqual(['ours close', 'peer close']);
  expect(log).not.toContain('ours round 2');
});
