import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Program } from '../../program.ts';

const NOTHING = new URL('./child-nothing.js', import.meta.url);

export const program: Program<{ readonly processes: number }> = ({ processes }) => ({
  async round() {
    let ended = 0;
    const started = performance.now();
    for (let i = 0; i < processes; i++) {
      const [code] = await once(new Worker(NOTHING), 'exit');
      if (code === 0) ended++;
    }
    return { seconds: (performance.now() - started) / 1000, operations: ended };
  },
  close() {},
});
