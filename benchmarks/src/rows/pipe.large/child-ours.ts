import { type Connection, Pipe } from '@mp/connection';
import { SpawnProcess } from '@mp/process';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly bytes: number; readonly echoes: number };
type Report = {
  readonly seconds: number;
  readonly operations: number;
  readonly bytes: number;
  readonly different: number;
};

export const row: Row<Sizes, Report> = {
  work: 'echo of 64 MiB of bytes, in Sync form',
  unit: 'GiB/s',
  better: 'higher',
  goal: { kind: 'times', value: 4 },
  sizes: { full: { bytes: 64 * 2 ** 20, echoes: 4 }, quick: { bytes: 64 * 2 ** 20, echoes: 1 } },
  // There and back.
  figure: ({ seconds, operations }, { bytes }) => (2 * bytes * operations) / 2 ** 30 / seconds,
  expected: ({ bytes, echoes }) => ({ operations: echoes, bytes, different: 0 }),
  limits: [
    {
      name: 'C memcpy',
      source: '../../limits/memcpy.c',
      args: ({ echoes = 0, bytes = 0 }) => [echoes, bytes],
    },
  ],
  leftOut: {
    'node-pools': 'its workers get tasks, not messages',
  },
  notes: [
    'there and back are counted; what comes back is compared after the time has ended',
    'worker_threads copy the bytes, as everybody does: handed over by a transfer list they would move nothing, and be gone here',
  ],
};

export function echo(connection: Connection<never, never>): void {
  for (;;) {
    const bytes = connection.recvBytesSync();
    if (bytes.length === 0) return;
    connection.sendBytesSync(bytes);
  }
}

export const program: Program<Sizes, Report> = async ({ bytes: size, echoes }) => {
  const [ours, theirs] = Pipe<never, never>();
  const child = new SpawnProcess({ target: echo, args: [theirs] });
  await child.start();
  theirs.close();
  const sent = Buffer.alloc(size, 'the bytes that are sent ');
  return {
    round() {
      let received = sent;
      const started = performance.now();
      for (let i = 0; i < echoes; i++) {
        ours.sendBytesSync(sent);
        received = ours.recvBytesSync() as Buffer<ArrayBuffer>;
      }
      const seconds = (performance.now() - started) / 1000;
      return { seconds, operations: echoes, bytes: received.length, different: Number(!received.equals(sent)) };
    },
    async close() {
      ours.sendBytesSync(Buffer.alloc(0));
      await child.join();
      ours.close();
    },
  };
};
