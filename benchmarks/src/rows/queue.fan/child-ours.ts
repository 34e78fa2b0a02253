import { SpawnProcess } from '@mp/process';
import { Queue } from '@mp/queues';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly messages: number; readonly producers: number; readonly consumers: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

/** What a producer puts behind its integers, which are not negative. As many consumers as producers end a round. */
const SUM = -1;
const END = -2;

export const row: Row<Sizes, Report> = {
  work: '1,000,000 small integers from 2 producers to 2 consumers through one queue, in Sync form',
  unit: 'messages/s',
  better: 'higher',
  goal: { kind: 'times', value: 8 },
  // Five rounds are a million.
  sizes: {
    full: { messages: 200_000, producers: 2, consumers: 2 },
    quick: { messages: 20_000, producers: 2, consumers: 2 },
  },
  figure: ({ seconds, operations }) => operations / seconds,
  expected: ({ messages, producers }) => {
    const each = messages / producers;
    return { operations: messages, sum: (producers * (each * (each - 1))) / 2 };
  },
  leftOut: {
    'node-pools': 'its workers get tasks, not messages',
    child_process: 'has no queue',
    worker_threads: 'has no queue',
  },
  notes: [
    '200,000 messages in each of the rounds; the time ends when the consumers have told the sums of what they got',
  ],
};

/** Puts as many as it is told, again and again. */
export function produce(counts: Queue<number>, queue: Queue<number>): void {
  for (let count = counts.getSync(); count !== END; count = counts.getSync()) {
    for (let i = 0; i < count; i++) queue.putSync(i);
    queue.putSync(SUM);
  }
}

/** Adds up what it gets until a producer is done, tells the sum, and gets nothing more before it is let go on. */
export function consume(queue: Queue<number>, told: Queue<number>, goOn: Queue<number>): void {
  let sum = 0;
  for (;;) {
    const message = queue.getSync();
    if (message >= 0) {
      sum += message;
    } else {
      if (message === END) return;
      told.putSync(sum);
      sum = 0;
      goOn.getSync();
    }
  }
}

export const program: Program<Sizes, Report> = async ({ messages, producers, consumers }) => {
  const counts = new Queue<number>();
  const queue = new Queue<number>();
  const told = new Queue<number>();
  const goOn = new Queue<number>();
  const producing: SpawnProcess[] = [];
  const consuming: SpawnProcess[] = [];
  for (let i = 0; i < producers; i++) {
    producing.push(new SpawnProcess({ target: produce, args: [counts, queue] }) as SpawnProcess);
  }
  for (let i = 0; i < consumers; i++) {
    consuming.push(new SpawnProcess({ target: consume, args: [queue, told, goOn] }) as SpawnProcess);
  }
  const children = [...producing, ...consuming];
  for (const child of children) await child.start();
  return {
    round() {
      let sum = 0;
      const started = performance.now();
      for (let i = 0; i < producers; i++) counts.putSync(messages / producers);
      for (let i = 0; i < consumers; i++) sum += told.getSync();
      const seconds = (performance.now() - started) / 1000;
      for (let i = 0; i < consumers; i++) goOn.putSync(0);
      return { seconds, operations: messages, sum };
    },
    async close() {
      for (let i = 0; i < producers; i++) counts.putSync(END);
      for (let i = 0; i < consumers; i++) queue.putSync(END);
      for (const child of children) await child.join();
      for (const each of [counts, queue, told, goOn]) each.close();
    },
  };
};
