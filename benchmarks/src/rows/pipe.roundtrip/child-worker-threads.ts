import { parentPort } from 'node:worker_threads';
import { startOtherEnd } from '../../peers/other-end.ts';
import type { Program } from '../../program.ts';

type Message = readonly [index: number, text: string];

const TEXT = 'abcdefghij'.repeat(4);

export function otherEnd(): void {
  parentPort!.on('message', (message: Message) => parentPort!.postMessage(message));
}

export const program: Program<{ readonly messages: number }> = ({ messages }) => {
  const worker = startOtherEnd(import.meta.url);
  return {
    round: () =>
      new Promise((resolve) => {
        let count = 0;
        let sum = 0;
        const started = performance.now();
        const next = ([index, text]: Message): void => {
          sum += index + text.length;
          count++;
          if (count < messages) {
            worker.postMessage([count, TEXT]);
          } else {
            worker.off('message', next);
            resolve({ seconds: (performance.now() - started) / 1000, operations: count, sum });
          }
        };
        worker.on('message', next);
        worker.postMessage([0, TEXT]);
      }),
    close: async () => void (await worker.terminate()),
  };
};
