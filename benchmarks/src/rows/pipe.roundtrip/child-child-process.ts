import { endOtherEnd, forkOtherEnd } from '../../peers/other-end.ts';
import type { Program } from '../../program.ts';

type Message = readonly [index: number, text: string];

const TEXT = 'abcdefghij'.repeat(4);

export function otherEnd(): void {
  process.on('message', (message: Message) => process.send!(message));
}

export const program: Program<{ readonly messages: number }> = ({ messages }) => {
  const child = forkOtherEnd(import.meta.url);
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
            child.send([count, TEXT]);
          } else {
            child.off('message', next);
            resolve({ seconds: (performance.now() - started) / 1000, operations: count, sum });
          }
        };
        child.on('message', next);
        child.send([0, TEXT]);
      }),
    close: () => endOtherEnd(child),
  };
};
