import { AbortError } from '@mp/errors';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Dispatcher } from '../src/dispatcher.ts';
import { PoolTerminatedError, WorkerLostError } from '../src/errors.ts';
import { MAP } from '../src/protocol.ts';
import type { Work } from '../src/work.ts';
import { square } from './fixtures/sums.ts';
import { seed, seeded } from './seeded.ts';
import { type Faults, UnreliableEngine } from './unreliable-engine.ts';

const TASKS = Number(process.env.MP_DISPATCHER_TASKS ?? 2000);

// How much work a worker has in line follows from how long tasks take: with a clock of their own, the same seed makes the
// same run on every machine, however busy it is.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A dispatcher with unreliable workers, and what became of each piece of work. */
function unreliable(faults: Faults, options: { maxTasksPerChild?: number; initializer?: boolean } = {}) {
  const random = seeded(seed);
  const engine = new UnreliableEngine(faults, random);
  const { maxTasksPerChild, initializer } = options;
  const dispatcher = new Dispatcher({
    engine,
    workers: 4,
    maxTasksPerChild,
    initializer: initializer ? { fn: square, args: [] } : undefined,
  });
  const answers = new Map<Work, unknown[]>();
  const give = (item: number, retries = 0): Work => {
    const ends: unknown[] = [];
    const work: Work = {
      mode: MAP,
      functionId: 0,
      fn: square,
      payload: [item],
      task: 'map(square)',
      first: item,
      retries,
      done: (values) => ends.push((values as unknown[])[0]),
      failed: (error) => ends.push(error),
    };
    answers.set(work, ends);
    dispatcher.add(work);
    return work;
  };
  /** One turn of the event loop. Now and then somebody else has the processor for a while. */
  const turn = async (): Promise<void> => {
    await new Promise(setImmediate);
    vi.advanceTimersByTime(random(50) === 0 ? random(20) : 0.02);
  };
  /** Until nothing goes on any more: nobody will say another word unless there is more to do. */
  const rest = async (): Promise<void> => {
    while (engine.scheduled > 0 || vi.getTimerCount() > 0) await turn();
  };
  /** When it is over, each piece of work has come to one end, and no worker is left. */
  const ended = async (): Promise<void> => {
    await rest();
    const ends = [...answers.values()].map(({ length }) => length);
    const seen = `seed ${seed}: ${JSON.stringify(dispatcher.statistics())}`;
    expect([Math.min(...ends), Math.max(...ends), engine.alive.size], seen).toEqual([1, 1, 0]);
    await dispatcher.join(undefined);
  };
  return { dispatcher, engine, random, answers, give, turn, rest, ended };
}

const everything: Faults = { lose: 0.01, delay: 0.2, duplicate: 0.2, die: 0.02, forget: 0.05 };

test('if one of its workers cannot be started, those that were are ended, and whoever makes the pool is told', async () => {
  const engine = new UnreliableEngine({}, seeded(seed));
  const start = engine.startWorker.bind(engine);
  let started = 0;
  engine.startWorker = (events) => {
    if (++started === 3) throw new RangeError('no more processes');
    return start(events);
  };
  expect(() => new Dispatcher({ engine, workers: 4 })).toThrow('no more processes');
  while (engine.scheduled > 0) await new Promise(setImmediate);
  expect([started, engine.alive.size]).toEqual([3, 0]);
});

describe.each<[string, Faults]>([
  ['is reliable', {}],
  ['delays answers', { delay: 0.3 }],
  ['delivers answers twice', { duplicate: 0.5 }],
  ['loses workers', { die: 0.05 }],
  ['forgets functions', { forget: 0.2 }],
  ['does all of it, and loses answers', everything],
])('with an engine that %s', (_, faults) => {
  const loses = (faults.die ?? 0) > 0 || (faults.lose ?? 0) > 0;

  test.each([{}, { maxTasksPerChild: 3 }, { initializer: true }])(
    'each task is answered exactly once, with its result or with the loss of its worker (%o)',
    async (options) => {
      // Without lost answers: those of the last tasks would never be missed.
      const run = unreliable({ ...faults, lose: 0 }, options);
      for (let i = 0; i < TASKS; i++) run.give(i);
      run.dispatcher.close();
      await run.ended();
      for (const [{ payload }, [answer]] of run.answers) {
        if (answer instanceof WorkerLostError) expect(loses, `seed ${seed}`).toBe(true);
        else expect(answer, `seed ${seed}`).toBe((payload[0] as number) ** 2);
      }
      const { completed, lost } = run.dispatcher.statistics();
      expect(completed + lost).toBe(TASKS);
    },
  );

  test('with retries each task is answered with its result', async () => {
    const run = unreliable({ ...faults, lose: 0 });
    for (let i = 0; i < TASKS; i++) run.give(i, Number.POSITIVE_INFINITY);
    run.dispatcher.close();
    await run.ended();
    for (const [{ payload }, answers] of run.answers) {
      expect(answers, `seed ${seed}`).toEqual([(payload[0] as number) ** 2]);
    }
  });

  test.runIf(faults.lose)(
    'an answer that is lost is missed as soon as a later one comes, and its task fails or is repeated',
    async () => {
      const run = unreliable(faults);
      const { engine } = run;
      for (let i = 0; i < TASKS; i++) run.give(i, i % 2 === 0 ? Number.POSITIVE_INFINITY : 0);
      const tasks = [...run.answers];
      await run.rest();
      for (let i = TASKS; tasks.some(([, ends]) => ends.length === 0); i += 50) {
        // Only what no later answer has followed is missing, unless nobody is left who could answer.
        const unsaid = new Set<unknown>(engine.silent.flatMap(({ unsaid }) => unsaid.map(({ payload }) => payload)));
        const missing = [...run.answers].filter(([, ends]) => ends.length === 0).map(([{ payload }]) => payload);
        if (engine.silent.length < engine.alive.size) expect(new Set(missing), `seed ${seed}`).toEqual(unsaid);
        // More work, so that something comes after whatever was lost.
        for (let more = 0; more < 50; more++) run.give(i + more);
        await run.rest();
        // Who has lost all answers to a line that is full gets nothing more: only its end shows it.
        for (const worker of engine.silent) worker.kill();
        await run.rest();
      }
      expect(engine.gaps, `seed ${seed}`).toBeGreaterThan(0);
      expect(engine.unnoticedGaps, `seed ${seed}`).toBe(0);
      for (const [work, ends] of tasks) {
        expect(ends, `seed ${seed}`).toHaveLength(1);
        const item = work.payload[0] as number;
        if (item % 2 === 0) expect(ends[0]).toBe(item ** 2);
        else expect(ends[0] === item ** 2 || ends[0] instanceof WorkerLostError).toBe(true);
      }
      run.dispatcher.terminate();
      await run.ended();
    },
  );

  test('what is cancelled at random is answered once, and never begun afterwards', async () => {
    const run = unreliable({ ...faults, lose: 0 });
    const why = new AbortError('enough');
    const works: Work[] = [];
    for (let i = 0; i < TASKS; i++) {
      works.push(run.give(i, 3));
      if (run.random(20) === 0) {
        const some = new Set(Array.from({ length: 3 }, () => works[run.random(works.length)] as Work));
        const waiting = [...some].filter((work) => run.answers.get(work)?.length === 0);
        run.dispatcher.cancel(some, why, run.random(4) === 0);
        if (waiting.length > 0) await run.turn();
      }
    }
    run.dispatcher.close();
    await run.ended();
    for (const [{ payload }, [answer]] of run.answers) {
      if (answer === why || answer instanceof WorkerLostError) continue;
      expect(answer, `seed ${seed}`).toBe((payload[0] as number) ** 2);
    }
    if (!loses) {
      // Nobody but who was cancelled has failed, and nothing was done twice.
      expect([...run.answers.values()].some(([answer]) => answer instanceof WorkerLostError)).toBe(false);
      expect([...run.engine.runs.values()].every((count) => count === 1)).toBe(true);
    }
  });

  test('terminate answers everything at once', async () => {
    const run = unreliable(faults);
    for (let i = 0; i < 100; i++) run.give(i);
    await run.turn();
    run.dispatcher.terminate();
    run.give(100);
    for (const ends of run.answers.values()) expect(ends).toHaveLength(1);
    expect(run.answers.size).toBe(101);
    await run.ended();
    const ends = [...run.answers.values()].flat();
    expect(ends).toHaveLength(101);
    expect(ends.at(-1)).toBeInstanceOf(PoolTerminatedError);
  });
});
