import { Pipe } from '@mp/connection';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { makeHistory, type Operation, undress } from './fixtures/history.ts';
import { faults } from './fixtures/model.ts';
import { testQueue } from './queues.ts';
import { running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

test('the model knows a fault when it sees one', () => {
  const op = (kind: Operation['kind'], value: number, begin: number, end: number): Operation => ({
    kind,
    value,
    begin,
    end,
  });
  const two = [op('put', 1, 0, 1), op('put', 2, 2, 3)];
  const none: readonly (readonly [Operation[], number[], number])[] = [
    [[op('got', 1, 4, 5), op('got', 2, 6, 7)], [], 0],
    [[op('got', 2, 4, 5), op('got', 1, 4, 7)], [], 0],
    [[op('empty', -1, 0, 1)], [1, 2], 0],
    // It may have been empty between the two.
    [[op('got', 1, 2, 3), op('got', 2, 5, 6), op('empty', -1, 2, 3)], [], 0],
    [[op('full', -1, 3, 3)], [1, 2], 2],
    [[op('got', 1, 2, 3)], [2], 1],
  ];
  for (const [operations, rest, bound] of none) expect(faults([...two, ...operations], rest, bound)).toEqual([]);
  const some: readonly (readonly [Operation[], number[], number, string])[] = [
    [[op('got', 2, 4, 5), op('got', 1, 6, 7)], [], 0, '1 was put before 2, and got after it'],
    [[op('got', 2, 4, 5)], [1], 0, '1 was put before 2, and got after it'],
    [[], [2, 1], 0, '1 was put before 2, and left behind it'],
    [[op('got', 1, 4, 5)], [], 0, '2 was lost'],
    [[op('got', 1, 4, 5), op('got', 1, 6, 7)], [2], 0, '1 came twice'],
    [[op('got', 1, 4, 5)], [1, 2], 0, '1 was got and is left'],
    [[op('got', 3, 4, 5)], [1, 2], 0, '3 came out of nothing'],
    [[op('got', 1, 0, 1), op('got', 2, 0, 1)], [], 0, '2 came out of nothing'],
    [[op('empty', -1, 2, 3)], [1, 2], 0, 'called empty'],
    // One of the two was in it at every moment, though neither all the time.
    [[op('got', 1, 4, 5), op('empty', -1, 2, 6)], [2], 0, 'called empty'],
    [[op('full', -1, 4, 5)], [1, 2], 3, 'called full'],
    [[op('got', 1, 2, 3), op('full', -1, 4, 5)], [2], 2, 'called full'],
    [[], [1, 2], 1, 'more than 1'],
  ];
  for (const [operations, rest, bound, fault] of some) {
    expect(faults([...two, ...operations], rest, bound), fault).toEqual([expect.stringContaining(fault)]);
  }
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
    expect(faults(history, rest, maxSize).slice(0, 5)).toEqual([]);
    expect(history.filter(({ kind }) => kind === 'got').length).toBeGreaterThan(COUNT / 2);
    if (maxSize > 0) expect(rest.length).toBeLessThanOrEqual(maxSize);
    for (const end of [...pipes.flat(), starter, start]) end.close();
  });
});
