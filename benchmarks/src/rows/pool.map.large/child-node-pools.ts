import type { Program } from '../../program.ts';

type Sizes = { readonly tasks: number; readonly bytes: number; readonly workers: number };
type Task = readonly [byte: number, size: number];

export const fill = ([byte, size]: Task): Uint8Array => new Uint8Array(size).fill(byte);

/** The result changes hands instead of being copied: the worker has no use for it any more. */
export async function fillForPiscina(task: Task): Promise<unknown> {
  const { move } = await import('piscina');
  return move(fill(task) as Uint8Array<ArrayBuffer>);
}

export async function fillForTinypool(task: Task): Promise<unknown> {
  const { Tinypool } = await import('tinypool');
  return Tinypool.move(fill(task) as Uint8Array<ArrayBuffer>);
}

const TASK_OF: Readonly<Record<string, string>> = {
  piscina: 'fillForPiscina',
  'tinypool-threads': 'fillForTinypool',
};

export const program: Program<Sizes> = async ({ tasks, bytes, workers }, peer) => {
  const { openNodePool } = await import('../../peers/node-pool.ts');
  const pool = await openNodePool(peer, { module: import.meta.url, workers });
  const task = TASK_OF[peer] ?? 'fill';
  const list = Array.from({ length: tasks }, (_, i) => [i, bytes]);
  return {
    async round() {
      const started = performance.now();
      const results = (await Promise.all(list.map((item) => pool.call(task, item)))) as Uint8Array[];
      const seconds = (performance.now() - started) / 1000;
      let sum = 0;
      let received = 0;
      for (const result of results) {
        received += result.length;
        sum += result[0]! + result[result.length >> 1]! + result.at(-1)!;
      }
      return { seconds, operations: results.length, bytes: received, sum };
    },
    close: () => pool.close(),
  };
};
