import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { startOtherEnd } from '../../peers/other-end.ts';
import type { Program } from '../../program.ts';

export function otherEnd(): void {
  parentPort!.on('message', (bytes: Uint8Array) => parentPort!.postMessage(bytes));
}

export const program: Program<{ readonly bytes: number; readonly echoes: number }> = ({ bytes: size, echoes }) => {
  const worker = startOtherEnd(import.meta.url);
  const sent = Buffer.alloc(size, 'the bytes that are sent ');
  return {
    async round() {
      let received: Uint8Array = sent;
      const started = performance.now();
      for (let i = 0; i < echoes; i++) {
        worker.postMessage(sent);
        [received] = (await once(worker, 'message')) as [Uint8Array];
      }
      const seconds = (performance.now() - started) / 1000;
      const different = Number(Buffer.compare(received, sent) !== 0);
      return { seconds, operations: echoes, bytes: received.length, different };
    },
    close: async () => void (await worker.terminate()),
  };
};
