import { Pipe } from '@mp/connection';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { makeHistory, type Operation, undress } from './fixtures/history.ts';
import { leaks } from './leaks.ts';
import { testQueue } from './queues.ts';
import { running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks(leaks);

/**
 * Whether what several processes saw could have come from a queue that does one thing after the other, each at some
 * moment between the beginning and the end of its call. With every value put once it is enough to look for four
 * patterns (Henzinger, Sezgin and Vafeiadis, "Aspect-oriented linearizability proofs"): a value out of nothing, a value
 * twice, two values in the wrong order, and an empty queue that was not empty.
 */
function faults(history: readonly Operation[], rest: readonly number[]): string[] {
  const found: string[] = [];
  const puts = new Map<number, Operation>();
  const gets = new Map<number, Operation>();
  for (const operation of history) if (operation.kind === 'put') puts.set(operation.value, operation);
  for (const operation of history) {
    if (operation.kind !== 'got') continue;
    const put = puts.get(operation.value);
    if (put === undefined || put.begin > operation.end) found.push(`${operation.value} came out of nothing`);
    if (gets.has(operation.value)) found.push(`${operation.value} came twice`);
    gets.set(operation.value, operation);
  }
  for (const value of rest) {
    if (!puts.has(value)) found.push(`${value} was left of nothing`);
    if (gets.has(value)) found.push(`${value} was got and is left`);
    gets.set(value, { kind: 'got', value, begin: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY });
  }
  for (const value of puts.keys()) if (!gets.has(value)) found.push(`${value} was lost`);
  if (found.length > 0) return found;
  // In the order of their puts' ends: who was put surely before, and was got surely after?
  const values = [...puts.keys()].sort((a, b) => puts.get(a)!.end - puts.get(b)!.end);
  const byBegin = [...puts.keys()].sort((a, b) => puts.get(a)!.begin - puts.get(b)!.begin);
  let latest: number | undefined;
  let next = 0;
  for (const value of byBegin) {
    while (next < values.length && puts.get(values[next]!)!.end < puts.get(value)!.begin) {
      const candidate = values[next++]!;
      if (latest === undefined || gets.get(candidate)!.begin > gets.get(latest)!.begin) latest = candidate;
    }
    if (latest !== undefined && gets.get(value)!.end < gets.get(latest)!.begin) {
      found.push(`${latest} was put before ${value}, and got after it`);
    }
  }
  for (const operation of history) {
    if (operation.kind !== 'empty') continue;
    for (const [value, put] of puts) {
      if (put.end < operation.begin && gets.get(value)!.begin > operation.end) {
        found.push(`the queue was called empty while ${value} was in it`);
        break;
      }
    }
  }
  return found;
}

test('the model knows a fault when it sees one', () => {
  const op = (kind: Operation['kind'], value: number, begin: number, end: number): Operation => ({
    kind,
    value,
    begin,
    end,
  });
  const two = [op('put', 1, 0, 1), op('put', 2, 2, 3)];
  expect(faults([...two, op('got', 1, 4, 5), op('got', 2, 6, 7)], [])).toEqual([]);
  expect(faults([...two, op('got', 2, 4, 5), op('got', 1, 4, 7)], [])).toEqual([]);
  expect(faults([...two, op('got', 2, 4, 5), op('got', 1, 6, 7)], [])).toEqual([
    expect.stringContaining('got after it'),
  ]);
  expect(faults([...two, op('got', 2, 4, 5)], [1])).toEqual([expect.stringContaining('got after it')]);
  expect(faults([...two, op('got', 1, 4, 5)], [])).toEqual(['2 was lost']);
  expect(faults([...two, op('got', 1, 4, 5), op('got', 1, 6, 7)], [2])).toEqual(['1 came twice']);
  expect(faults([...two, op('got', 3, 4, 5)], [1, 2])).toEqual(['3 came out of nothing']);
  expect(faults([...two, op('empty', -1, 2, 3)], [1, 2])).toEqual([expect.stringContaining('called empty')]);
  expect(faults([...two, op('empty', -1, 0, 1)], [1, 2])).toEqual([]);
});

const COUNT = Number(process.env['MP_MODEL_OPERATIONS'] ?? 2500);

describe.each(startMethods)('by %s', (method) => {
  test.each([
    ['unbounded', 0],
    ['bounded', 5],
  ])('many processes that put into and get from one %s queue see one queue', async (_, maxSize) => {
    const queue = testQueue<unknown>(maxSize);
    const [starter, start] = Pipe();
    const pipes = [1, 2, 3, 4].map(() => Pipe<Operation[]>());
    const children = await Promise.all(
      pipes.map(([, theirs], i) =>
        running(method, {
          target: makeHistory,
          args: [queue, { who: i + 1, count: COUNT, seed: 77 * i + maxSize, sync: i < 3 }, start, theirs],
        }),
      ),
    );
    for (const _ of children) starter.sendSync('go');
    const history: Operation[] = [];
    for (const [ours] of pipes) for (const operation of await ours.recv()) history.push(operation);
    for (const child of children) await child.join();
    const rest: number[] = [];
    while (!queue.empty()) rest.push(undress(queue.getNowait()));
    expect(faults(history, rest).slice(0, 5)).toEqual([]);
    expect(history.filter(({ kind }) => kind === 'got').length).toBeGreaterThan(COUNT / 2);
    if (maxSize > 0) expect(rest.length).toBeLessThanOrEqual(maxSize);
    for (const end of [...pipes.flat(), starter, start]) end.close();
  });
});
