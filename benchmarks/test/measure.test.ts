import { expect, test } from 'vitest';
import { NotAvailableError, ProtocolError, WrongResultError } from '../src/errors.ts';
import { checkReport, type RowResult, resultOf } from '../src/measure.ts';
import type { Limit, Report } from '../src/row.ts';
import { aRow } from './a-row.ts';

const sizes = { count: 10 };
const right: Report = { seconds: 0.000_01, sum: 45 };

const outcome = (reports: Report[], failure?: unknown) => ({ reports, complete: reports.length === 3, failure });
const seconds = (...all: number[]): Report[] => all.map((each) => ({ seconds: each * 1e-6, sum: 45 }));

function result(outcomes: Record<string, ReturnType<typeof outcome>>, limits: Limit[] = []): RowResult {
  const kindOf = (name: string): 'ours' | 'cpython' | 'limit' | 'peer' => {
    if (name === 'ours' || name === 'cpython') return name;
    return limits.some((limit) => limit.name === name) ? 'limit' : 'peer';
  };
  const entrants = Object.keys(outcomes).map((name) => ({ name, kind: kindOf(name) }));
  return resultOf(aRow({ limits }), sizes, entrants, [], new Map(Object.entries(outcomes)));
}

test('a right result is accepted', () => {
  expect(() => checkReport(aRow(), sizes, right, { name: 'ours', kind: 'ours' })).not.toThrow();
});

test('a wrong sum is refused, and the message says whose, what it is, and what it should be', () => {
  const check = (): void => checkReport(aRow(), sizes, { ...right, sum: 44 }, { name: 'piscina', kind: 'peer' });
  expect(check).toThrow(WrongResultError);
  expect(check).toThrow('piscina: sum is 44, and 45 would be right.');
});

test('a result that is not there is a wrong one', () => {
  expect(() => checkReport(aRow(), sizes, { seconds: 1 }, { name: 'ours', kind: 'ours' })).toThrow(WrongResultError);
});

test('a limit computes nothing, so only its figure is looked at', () => {
  const limit = { name: 'C futex', kind: 'limit' } as const;
  expect(() => checkReport(aRow(), sizes, { seconds: 1 }, limit)).not.toThrow();
  expect(() => checkReport(aRow(), sizes, { sum: 45 }, limit)).toThrow(ProtocolError);
});

test('a report without a figure is refused', () => {
  expect(() => checkReport(aRow(), sizes, { sum: 45 }, { name: 'ours', kind: 'ours' })).toThrow(ProtocolError);
});

test('figures are medians of the rounds, and so is everything else that was reported', () => {
  const { ours, peers, verdict } = result({ ours: outcome(seconds(9, 10, 11)), cpython: outcome(seconds(30, 40, 50)) });
  expect(ours!.median).toBeCloseTo(10);
  expect(ours!.fields).toEqual({ seconds: expect.closeTo(0.000_01, 9), sum: 45 });
  expect(peers.get('cpython')!.median).toBeCloseTo(40);
  expect(verdict.ratio).toBeCloseTo(4);
  expect(verdict.met).toBe(true);
});

test('limits are beside the row and not among the peers', () => {
  const { peers, limits, verdict } = result(
    { ours: outcome(seconds(10, 10, 10)), cpython: outcome(seconds(40, 40, 40)), bare: outcome(seconds(7, 7, 7)) },
    [{ name: 'bare', source: 'bare.ts', atMost: 1.25 }],
  );
  expect([...peers.keys()]).toEqual(['cpython']);
  expect(limits.get('bare')!.median).toBeCloseTo(7);
  expect(verdict.met).toBe(false);
});

test('a row in which somebody was wrong is failed, however good our figure is', () => {
  const wrong = new WrongResultError('cpython: sum is 44');
  const { failed, peers, verdict } = result({
    ours: outcome(seconds(10, 10, 10)),
    cpython: outcome(seconds(40, 40, 40)),
    piscina: outcome(seconds(90), wrong),
  });
  expect(failed).toEqual([{ name: 'piscina', error: wrong }]);
  expect(peers.has('piscina')).toBe(false);
  expect(verdict.met).toBe(false);
});

test('one that only failed to end has its figure and its failure', () => {
  const { peers, failed } = result({
    ours: outcome(seconds(1, 1, 1)),
    cpython: outcome(seconds(2, 2, 2), new Error('late')),
  });
  expect(peers.get('cpython')!.median).toBeCloseTo(2);
  expect(failed).toHaveLength(1);
});

test('one that lacks something on this machine is left out by name, which is no failure', () => {
  const { leftOut, failed, limits } = result(
    {
      ours: outcome(seconds(1, 1, 1)),
      cpython: outcome(seconds(2, 2, 2)),
      futex: outcome([], new NotAvailableError('there is no C compiler (cc)')),
    },
    [{ name: 'futex', source: 'futex.c' }],
  );
  expect(leftOut).toEqual([{ name: 'futex', reason: 'there is no C compiler (cc)' }]);
  expect(failed).toEqual([]);
  expect(limits.size).toBe(0);
});
