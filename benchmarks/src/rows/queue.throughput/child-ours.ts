import { SpawnProcess } from '@mp/process';
import { Queue } from '@mp/queues';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly messages: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

/** Behind the integers of a round, which are not negative. */
const SUM = -1;
const END = -2;

export const row: Row<Sizes, Report> = {
  work: '1,000,000 small integers from one producer to one consumer, in Sync form',
  unit: 'messages/s',
  better: 'higher',
  goal: { kind: 'times', value: 8 },
  // Five rounds are a million.
  sizes: { full: { messages: 200_000 }, quick: { messages: 20_000 } },
  figure: ({ seconds, operations }) => operations / seconds,
  expected: ({ messages }) => ({ operations: messages, sum: (messages * (messages - 1)) / 2 }),
  leftOut: {
    'node-pools': 'its workers get tasks, not messages',
    child_process: 'has no queue; see pipe.throughput for its messages',
    worker_threads: 'has no queue; see pipe.throughput for its messages',
  },
  notes: ['200,000 messages in each of the rounds; the time ends when the consumer has told the sum of what it got'],
};

export function add(queue: Queue<number>, sums: Queue<number>): void {
  let sum = 0;
  for (;;) {
    const message = queue.getSync();
    if (message >= 0) {
      sum += message;
    } else {
      if (message === END) return;
      sums.putSync(sum);
      sum = 0;
    }
  }
}

export const program: Program<Sizes, Report> = async ({ messages }) => {
  const queue = new Queue<number>();
  const sums = new Queue<number>();
  const child = new SpawnProcess({ target: add, args: [queue, sums] });
  await child.start();
  return {
    round() {
      const started = performance.now();
      for (let i = 0; i < messages; i++) queue.putSync(i);
      queue.putSync(SUM);
      const sum = sums.getSync();
      return { seconds: (performance.now() - started) / 1000, operations: messages, sum };
    },
    async close() {
      queue.putSync(END);
      await child.join();
      queue.close();
      sums.close();
    },
  };
};
