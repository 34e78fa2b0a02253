import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { growthBy } from '../../memory.ts';
import { startOtherEnd } from '../../peers/other-end.ts';
import type { Program } from '../../program.ts';

/** In a file of its own: the thread that is measured loads it and nothing else. */
const LISTENER = new URL('./child-listener.js', import.meta.url).href;

export const program: Program = () => ({
  warm() {},
  async round() {
    let worker: Worker | undefined;
    try {
      return {
        ...(await growthBy(async () => {
          worker = startOtherEnd(LISTENER);
          await once(worker, 'online');
        })),
      };
    } finally {
      await worker?.terminate();
    }
  },
  close() {},
});
