import { once } from 'node:events';
import { endOtherEnd, forkOtherEnd } from '../../peers/other-end.ts';
import type { Program } from '../../program.ts';

export function otherEnd(): void {
  process.on('message', (bytes: Buffer) => process.send!(bytes));
}

export const program: Program<{ readonly bytes: number; readonly echoes: number }> = ({ bytes: size, echoes }) => {
  const child = forkOtherEnd(import.meta.url);
  const sent = Buffer.alloc(size, 'the bytes that are sent ');
  return {
    async round() {
      let received: Buffer = sent;
      const started = performance.now();
      for (let i = 0; i < echoes; i++) {
        child.send(sent);
        [received] = (await once(child, 'message')) as [Buffer];
      }
      const seconds = (performance.now() - started) / 1000;
      return { seconds, operations: echoes, bytes: received.length, different: Number(!received.equals(sent)) };
    },
    close: () => endOtherEnd(child),
  };
};
