import { timerTraces } from './timers.ts';
import type { Trace } from './trace.ts';

interface LibuvHandle {
  readonly type: string;
  readonly is_active: boolean;
  readonly is_referenced?: boolean;
  readonly fd?: number;
}

/** Handles that addons make: `process.getActiveResourcesInfo()` knows only those that Node itself wraps. */
const ADDON_HANDLES: ReadonlySet<string> = new Set(['poll', 'async', 'prepare', 'check']);

/**
 * Handles of the loop itself, from the diagnostic report.
 *
 * The report asks every worker thread for its part and waits for it, which a thread that is blocked never gives. So while
 * there are worker threads (they show as message ports) there is no such list; a thread that is left is itself reported.
 */
function addonTraces(resources: readonly string[]): Trace[] {
  if (resources.includes('MessagePort')) return [];
  // Neither is looked at, and both take their time.
  Object.assign(process.report, { excludeNetwork: true, excludeEnv: true });
  const { libuv } = process.report.getReport() as unknown as { libuv: readonly LibuvHandle[] };
  return libuv
    .filter((handle) => ADDON_HANDLES.has(handle.type) && handle.is_active && handle.is_referenced === true)
    .map(({ type, fd }) => {
      const on = fd === undefined ? '' : ` on descriptor ${fd}`;
      return {
        kind: 'loop',
        key: `libuv ${type}`,
        amount: 1,
        text: `libuv ${type} handle${on} that keeps the loop alive`,
      };
    });
}

/** What keeps the event loop alive. */
export function loopTraces(): Trace[] {
  // Timers are looked at one by one; immediates are the runner's and ours, and are over at the next turn anyway.
  const resources = process.getActiveResourcesInfo().filter((type) => type !== 'Timeout' && type !== 'Immediate');
  const counted = resources.map((type): Trace => {
    return { kind: 'loop', key: type, amount: 1, text: `${type} that keeps the loop alive` };
  });
  return [...counted, ...timerTraces(), ...addonTraces(resources)];
}
