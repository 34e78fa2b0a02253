import type { Trace } from './trace.ts';

/** A test left something behind. `leaks` has what, the message names each of it. */
export class LeakError extends Error {
  override readonly name: string = 'LeakError';
  readonly leaks: readonly Trace[];

  constructor(leaks: readonly Trace[], waited: number) {
    const lines = leaks.map((leak) => `\n  - ${leak.text}`);
    super(`Left behind, and still there after ${Math.round(waited)} ms:${lines.join('')}`);
    this.leaks = leaks;
  }
}
