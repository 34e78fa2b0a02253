/**
 * The parent's timers and immediates, which a child must not run.
 *
 * Node keeps timers in lists, one for each duration, and nobody but its own functions can see the table of lists.
 *
 * @module
 */
import { closedOver } from './closed-over.ts';

/** A ring: the list itself is the head. */
interface TimerList {
  readonly _idlePrev: Timer | TimerList;
}

type Timer = NodeJS.Timeout & { readonly _idlePrev: Timer | TimerList };

interface LinkedImmediate extends NodeJS.Immediate {
  readonly _idleNext: LinkedImmediate | null;
  readonly _idlePrev: LinkedImmediate | null;
}

const NAME_OF_TABLE = 'timerListMap';

/**
 * Timers by which modules of Node keep themselves up to date: the date in HTTP headers, the clock of `fetch`. They keep
 * no process alive and call nobody; cleared, these modules would stand still in the child.
 */
const NODES_OWN: ReadonlySet<string | undefined> = new Set(['resetCache', 'onTick']);

let table: Readonly<Record<string, TimerList>> | undefined;

/** Finds the table of lists. False: this Node has none by that name, or no inspector. */
export function findTimers(): boolean {
  table ??= closedOver(process.getBuiltinModule('node:timers').setTimeout, NAME_OF_TABLE) as typeof table;
  return table !== undefined;
}

/**
 * In the child: clears every timer and immediate of the parent, so that the child's loop ends when the child's own are
 * done.
 *
 * @param current - the immediate that called fork; others of the same turn stand behind it
 */
export function clearTimers(current: NodeJS.Immediate): void {
  const { clearTimeout, clearImmediate, setImmediate } = process.getBuiltinModule('node:timers');
  for (const duration of Object.keys(table ?? {})) {
    const list = table?.[duration] as TimerList;
    const timers: Timer[] = [];
    for (let timer = list._idlePrev; timer !== list; timer = timer._idlePrev) timers.push(timer as Timer);
    for (const timer of timers) {
      if (
        timer.hasRef() ||
        !NODES_OWN.has((timer as Timer & { _onTimeout: { name?: string } | null })._onTimeout?.name)
      )
        clearTimeout(timer);
    }
  }
  const immediates: NodeJS.Immediate[] = [];
  for (let next = (current as LinkedImmediate)._idleNext; next; next = next._idleNext) immediates.push(next);
  // Those for the next turn stand before a new one.
  const last = setImmediate(() => {}) as LinkedImmediate;
  for (let previous: LinkedImmediate | null = last; previous; previous = previous._idlePrev) immediates.push(previous);
  for (const immediate of immediates) if (immediate !== current) clearImmediate(immediate);
}
