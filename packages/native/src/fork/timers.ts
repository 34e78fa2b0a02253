/**
 * The parent's timers and immediates, which a child must not run.
 *
 * Node keeps timers in lists, one for each duration, and nobody but its own functions can see the table of lists. The
 * in-process inspector shows what a function closes over, so `setTimeout` tells. It takes three milliseconds, once:
 * children inherit the answer.
 *
 * @module
 */

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
  table ??= lookIntoSetTimeout();
  return table !== undefined;
}

function lookIntoSetTimeout(): typeof table {
  if (!process.features.inspector) return undefined;
  const { Session } = process.getBuiltinModule('node:inspector');
  const session = new Session();
  session.connect();
  const exchange: { value?: unknown } = { value: process.getBuiltinModule('node:timers').setTimeout };
  const place = Symbol.for('@mp/native.fork.exchange');
  const global = globalThis as unknown as Record<symbol, unknown>;
  const expression = `globalThis[Symbol.for('@mp/native.fork.exchange')]`;
  global[place] = exchange;
  /** Node answers before `post` returns. */
  const ask = <T>(method: string, parameters: object): T | undefined => {
    let answer: T | undefined;
    session.post(method, parameters, (error: Error | null, result?: object) => {
      if (error === null) answer = result as T;
    });
    return answer;
  };
  try {
    const fn = ask<Evaluated>('Runtime.evaluate', { expression: `${expression}.value` })?.result.objectId;
    const scopes = propertiesOf(ask, fn).internal.find(({ name }) => name === '[[Scopes]]');
    for (const scope of propertiesOf(ask, scopes?.value?.objectId).own) {
      const found = propertiesOf(ask, scope.value?.objectId).own.find(({ name }) => name === NAME_OF_TABLE);
      const objectId = found?.value?.objectId;
      if (objectId === undefined) continue;
      exchange.value = undefined;
      ask('Runtime.callFunctionOn', { objectId, functionDeclaration: `function () { ${expression}.value = this; }` });
      if (typeof exchange.value === 'object' && exchange.value !== null) return exchange.value as typeof table;
    }
    return undefined;
  } finally {
    delete global[place];
    session.disconnect();
  }
}

interface Evaluated {
  readonly result: { readonly objectId?: string };
}

interface Property {
  readonly name: string;
  readonly value?: { readonly objectId?: string };
}

interface Properties {
  readonly result: readonly Property[];
  readonly internalProperties?: readonly Property[];
}

function propertiesOf(
  ask: <T>(method: string, parameters: object) => T | undefined,
  objectId: string | undefined,
): { readonly own: readonly Property[]; readonly internal: readonly Property[] } {
  if (objectId === undefined) return { own: [], internal: [] };
  const answer = ask<Properties>('Runtime.getProperties', { objectId, ownProperties: true });
  return { own: answer?.result ?? [], internal: answer?.internalProperties ?? [] };
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
