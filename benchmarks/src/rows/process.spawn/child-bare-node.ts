import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Program } from '../../program.ts';

/** The least that a process of Node costs: one that has nothing to do and nothing to load. */
export const program: Program<{ readonly processes: number }> = ({ processes }) => ({
  async round() {
    const started = performance.now();
    for (let i = 0; i < processes; i++) {
      const [code] = await once(
        spawn(process.execPath, ['-e', '0'], { stdio: ['ignore', 'inherit', 'inherit'] }),
        'exit',
      );
      if (code !== 0) throw new Error(`node -e 0 ended with exit code ${code}.`);
    }
    return { seconds: (performance.now() - started) / 1000, operations: processes };
  },
  close() {},
});
