import { setImmediate as nextTurn } from 'node:timers/promises';
import { until } from '@mp/testing';

/** Collects garbage right now; tests run with --expose-gc. */
export function collectNow(): void {
  if (globalThis.gc === undefined) throw new Error('This test needs --expose-gc');
  globalThis.gc();
}

/** Collects garbage, and lets finalizers run, until the condition holds. */
export async function collectUntil(condition: () => boolean): Promise<void> {
  await until(
    async () => {
      collectNow();
      await nextTurn();
      return condition();
    },
    { what: `a collection after which ${condition}` },
  );
}
