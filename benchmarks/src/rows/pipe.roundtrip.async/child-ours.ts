import { type Connection, Pipe } from '@mp/connection';
import { SpawnProcess } from '@mp/process';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Message = readonly [index: number, text: string];
type Sizes = { readonly messages: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

const TEXT = 'abcdefghij'.repeat(4);

export const row: Row<Sizes, Report> = {
  work: 'echo of [i, 40 characters], one at a time, both ends in promise form',
  unit: 'µs',
  better: 'lower',
  goal: { kind: 'times', value: 1 },
  sizes: { full: { messages: 10_000 }, quick: { messages: 2_000 } },
  figure: ({ seconds, operations }) => (seconds / operations) * 1e6,
  expected: ({ messages }) => ({ operations: messages, sum: (messages * (messages - 1)) / 2 + messages * TEXT.length }),
  limits: [
    { name: 'C socket pair', source: '../../limits/socket-pair.c', args: ({ messages = 0 }) => [messages] },
    { name: 'C futex', source: '../../limits/futex.c', args: ({ messages = 0 }) => [messages] },
  ],
  othersAs: 'pipe.roundtrip',
  leftOut: {
    'node-pools': 'its workers get tasks, not messages',
  },
  notes: ['CPython has no asynchronous form: its figure is the blocking one'],
};

export async function echo(connection: Connection<Message | null, Message>): Promise<void> {
  for (;;) {
    const message = await connection.recv();
    if (message === null) return;
    await connection.send(message);
  }
}

export const program: Program<Sizes, Report> = async ({ messages }) => {
  const [ours, theirs] = Pipe<Message, Message | null>();
  const child = new SpawnProcess({ target: echo, args: [theirs] });
  await child.start();
  theirs.close();
  return {
    async round() {
      let sum = 0;
      const started = performance.now();
      for (let i = 0; i < messages; i++) {
        await ours.send([i, TEXT]);
        const [index, text] = await ours.recv();
        sum += index + text.length;
      }
      return { seconds: (performance.now() - started) / 1000, operations: messages, sum };
    },
    async close() {
      await ours.send(null);
      await child.join();
      ours.close();
    },
  };
};
