import { type Connection, Pipe } from '@mp/connection';
import { SpawnProcess } from '@mp/process';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Message = readonly [index: number, text: string];
/** `sum`: the end of a round, and a request for the sum of it. */
type Request = Message | 'sum' | 'end';
type Sizes = { readonly messages: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

const TEXT = 'abcdefghij'.repeat(4);

export const row: Row<Sizes, Report> = {
  work: '1,000,000 messages [i, 40 characters] one way, in Sync form',
  unit: 'messages/s',
  better: 'higher',
  goal: { kind: 'times', value: 6 },
  // Five rounds are a million.
  sizes: { full: { messages: 200_000 }, quick: { messages: 20_000 } },
  figure: ({ seconds, operations }) => operations / seconds,
  expected: ({ messages }) => ({ operations: messages, sum: (messages * (messages - 1)) / 2 + messages * TEXT.length }),
  leftOut: {
    'node-pools': 'its workers get tasks, not messages',
  },
  notes: ['200,000 messages in each of the rounds; the time ends when the receiver has told the sum of what it got'],
};

export function add(connection: Connection<Request, number>): void {
  let sum = 0;
  for (;;) {
    const request = connection.recvSync();
    if (request === 'end') return;
    if (request === 'sum') {
      connection.sendSync(sum);
      sum = 0;
    } else {
      sum += request[0] + request[1].length;
    }
  }
}

export const program: Program<Sizes, Report> = async ({ messages }) => {
  const [ours, theirs] = Pipe<number, Request>();
  const child = new SpawnProcess({ target: add, args: [theirs] });
  await child.start();
  theirs.close();
  return {
    round() {
      const started = performance.now();
      for (let i = 0; i < messages; i++) ours.sendSync([i, TEXT]);
      ours.sendSync('sum');
      const sum = ours.recvSync();
      return { seconds: (performance.now() - started) / 1000, operations: messages, sum };
    },
    async close() {
      ours.sendSync('end');
      await child.join();
      ours.close();
    },
  };
};
