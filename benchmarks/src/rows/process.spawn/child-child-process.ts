import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Program } from '../../program.ts';

const NOTHING = fileURLToPath(new URL('./child-nothing.js', import.meta.url));

export const program: Program<{ readonly processes: number }> = ({ processes }) => ({
  async round() {
    let ended = 0;
    const started = performance.now();
    for (let i = 0; i < processes; i++) {
      const [code] = await once(fork(NOTHING, { serialization: 'advanced' }), 'exit');
      if (code === 0) ended++;
    }
    return { seconds: (performance.now() - started) / 1000, operations: ended };
  },
  close() {},
});
