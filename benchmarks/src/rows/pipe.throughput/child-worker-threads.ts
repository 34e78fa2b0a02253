import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { startOtherEnd } from '../../peers/other-end.ts';
import type { Program } from '../../program.ts';

type Request = readonly [index: number, text: string] | 'sum';

const TEXT = 'abcdefghij'.repeat(4);

export function otherEnd(): void {
  let sum = 0;
  parentPort!.on('message', (request: Request) => {
    if (request === 'sum') {
      parentPort!.postMessage(sum);
      sum = 0;
    } else {
      sum += request[0] + request[1].length;
    }
  });
}

export const program: Program<{ readonly messages: number }> = ({ messages }) => {
  const worker = startOtherEnd(import.meta.url);
  return {
    async round() {
      const started = performance.now();
      // A port has no back-pressure: it takes all of them at once.
      for (let i = 0; i < messages; i++) worker.postMessage([i, TEXT]);
      worker.postMessage('sum');
      const [sum] = (await once(worker, 'message')) as [number];
      return { seconds: (performance.now() - started) / 1000, operations: messages, sum };
    },
    close: async () => void (await worker.terminate()),
  };
};
