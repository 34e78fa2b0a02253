import { type Connection, Pipe } from '@mp/connection';
import { SpawnProcess } from '@mp/process';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Message = readonly [index: number, text: string];
type Sizes = { readonly messages: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

const TEXT = 'abcdefghij'.repeat(4);

export const row: Row<Sizes, Report> = {
  work: 'echo of [i, 40 characters], one at a time, both ends in Sync form',
  unit: 'µs',
  better: 'lower',
  goal: { kind: 'times', value: 2.5 },
  sizes: { full: { messages: 10_000 }, quick: { messages: 2_000 } },
  figure: ({ seconds, operations }) => (seconds / operations) * 1e6,
  expected: ({ messages }) => ({ operations: messages, sum: (messages * (messages - 1)) / 2 + messages * TEXT.length }),
  limits: [
    { name: 'C socket pair', source: '../../limits/socket-pair.c', args: ({ messages = 0 }) => [messages] },
    { name: 'C futex', source: '../../limits/futex.c', args: ({ messages = 0 }) => [messages] },
  ],
  leftOut: {
    'node-pools': 'its workers get tasks, not messages',
  },
  notes: ['the Node peers have no blocking form: theirs is the asynchronous one'],
};

export function echo(connection: Connection<Message | null, Message>): void {
  for (;;) {
    const message = connection.recvSync();
    if (message === null) return;
    connection.sendSync(message);
  }
}

export const program: Program<Sizes, Report> = async ({ messages }) => {
  const [ours, theirs] = Pipe<Message, Message | null>();
  const child = new SpawnProcess({ target: echo, args: [theirs] });
  await child.start();
  theirs.close();
  return {
    round() {
      let sum = 0;
      const started = performance.now();
      for (let i = 0; i < messages; i++) {
        ours.sendSync([i, TEXT]);
        const [index, text] = ours.recvSync();
        sum += index + text.length;
      }
      return { seconds: (performance.now() - started) / 1000, operations: messages, sum };
    },
    async close() {
      ours.sendSync(null);
      await child.join();
      ours.close();
    },
  };
};
