import { besideBareNode } from '../../memory.ts';
import { endOtherEnd, forkOtherEnd } from '../../peers/other-end.ts';
import type { Program } from '../../program.ts';

/** In a file of its own: the process that is measured loads it and nothing else. */
const LISTENER = new URL('./child-listener.js', import.meta.url).href;

export const program: Program = () => ({
  warm() {},
  async round() {
    const child = forkOtherEnd(LISTENER);
    try {
      return { ...(await besideBareNode(child.pid!)) };
    } finally {
      await endOtherEnd(child);
    }
  },
  close() {},
});
