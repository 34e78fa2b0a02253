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

/** What a child has to clear. */
export interface TimersOfParent {
  readonly timers: readonly Timer[];
  readonly immediates: readonly NodeJS.Immediate[];
}

/**
 * In the parent, immediately before the fork: each child that collected them itself would compile this for itself.
 *
 * @param current - the immediate that calls fork; others of the same turn stand behind it
 */
export function collectTimers(current: NodeJS.Immediate): TimersOfParent {
  const { clearImmediate, setImmediate } = process.getBuiltinModule('node:timers');
  const timers: Timer[] = [];
  for (const duration of Object.keys(table ?? {})) {
    const list = table?.[duration] as TimerList;
    for (let timer = list._idlePrev; timer !== list; timer = timer._idlePrev) {
      if (!isNodesOwn(timer as Timer)) timers.push(timer as Timer);
    }
  }
  const immediates: NodeJS.Immediate[] = [];
  for (let next = (current as LinkedImmediate)._idleNext; next; next = next._idleNext) immediates.push(next);
  // Those for the next turn stand before a new one.
  const last = setImmediate(() => {}) as LinkedImmediate;
  for (let previous = last._idlePrev; previous; previous = previous._idlePrev) immediates.push(previous);
  clearImmediate(last);
  return { timers, immediates: immediates.filter((immediate) => immediate !== current) };
}

const isNodesOwn = (timer: Timer): boolean =>
  !timer.hasRef() && NODES_OWN.has((timer as Timer & { _onTimeout: { name?: string } | null })._onTimeout?.name);

/** In the child: clears what the parent had, so that the child's loop ends when the child's own are done. */
export function clearTimers({ timers, immediates }: TimersOfParent): void {
  // Those of Node: the global ones may have been replaced.
  const { clearTimeout, clearImmediate } = process.getBuiltinModule('node:timers');
  for (const timer of timers) clearTimeout(timer);
  for (const immediate of immediates) clearImmediate(immediate);
}
