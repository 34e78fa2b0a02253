import { createHook } from 'node:async_hooks';
import type { Trace } from './trace.ts';

/**
 * Timers, each by itself.
 *
 * `process.getActiveResourcesInfo()` gives only their number, and that is no use here: the test runner has timers of its
 * own coming and going, so that one that a test leaves hides behind one that the runner had before. Who made a timer
 * shows from the stack of its making.
 */
interface Watched {
  readonly timer: WeakRef<NodeJS.Timeout>;
  readonly origin: string;
}

const watched = new Map<number, Watched>();
let watching = false;

/** The place that made the timer, or undefined when that was the test runner. */
function originOf(stack: string): string | undefined {
  const frames = stack.split('\n').slice(1);
  const first = frames.find((frame) => !frame.includes('node:') && !frame.includes(import.meta.filename));
  if (first === undefined || /[\\/]node_modules[\\/](@vitest|vitest|tinypool|birpc)[\\/]/.test(first)) return undefined;
  return first.trim().replace(/^at /, '');
}

/** Begins to watch; timers made earlier stay unknown and are nobody's leak. */
export function watchTimers(): void {
  if (watching) return;
  watching = true;
  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (type !== 'Timeout') return;
      const holder: { stack?: string } = {};
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 12;
      Error.captureStackTrace(holder);
      Error.stackTraceLimit = limit;
      const origin = originOf(holder.stack ?? '');
      if (origin !== undefined) watched.set(id, { timer: new WeakRef(resource as NodeJS.Timeout), origin });
    },
    destroy(id) {
      watched.delete(id);
    },
    // Promises are of no interest, and without them the hook costs them nothing (Node 24.12 and newer).
    ...{ trackPromises: false },
  });
  hook.enable();
}

/** The timers that keep the loop alive. */
export function timerTraces(): Trace[] {
  const traces: Trace[] = [];
  for (const [id, { timer, origin }] of watched) {
    // An expired one is destroyed, though its object may live on.
    const object = timer.deref() as (NodeJS.Timeout & { _destroyed?: boolean }) | undefined;
    if (object === undefined || object._destroyed || !object.hasRef()) continue;
    traces.push({ kind: 'loop', key: `Timeout ${id}`, amount: 1, text: `timer made by ${origin}` });
  }
  return traces;
}
