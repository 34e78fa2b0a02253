import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { endOtherEnd, forkOtherEnd } from '../../peers/other-end.ts';
import type { Program } from '../../program.ts';

type Request = readonly [index: number, text: string] | 'sum';

const TEXT = 'abcdefghij'.repeat(4);

export function otherEnd(): void {
  let sum = 0;
  process.on('message', (request: Request) => {
    if (request === 'sum') {
      process.send!(sum);
      sum = 0;
    } else {
      sum += request[0] + request[1].length;
    }
  });
}

/** Sends, and waits when Node says that enough is under way: otherwise all messages lie in memory at once. */
function sendWithCare(child: ChildProcess, request: Request): Promise<void> | undefined {
  const { promise, resolve } = Promise.withResolvers<void>();
  return child.send(request, () => resolve()) ? undefined : promise;
}

export const program: Program<{ readonly messages: number }> = ({ messages }) => {
  const child = forkOtherEnd(import.meta.url);
  return {
    async round() {
      const started = performance.now();
      for (let i = 0; i < messages; i++) {
        const room = sendWithCare(child, [i, TEXT]);
        if (room !== undefined) await room;
      }
      child.send('sum');
      const [sum] = (await once(child, 'message')) as [number];
      return { seconds: (performance.now() - started) / 1000, operations: messages, sum };
    },
    close: () => endOtherEnd(child),
  };
};
