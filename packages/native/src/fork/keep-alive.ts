/**
 * Connections that Node keeps for the next request. In a child they are dead, as all of the parent's are, so the first
 * request to a host that the parent has spoken to would fail. The agents that everybody shares forget them; a program's
 * own agents are its own affair.
 *
 * @module
 */
import type { Agent } from 'node:http';

/** Of Node 26, and of those before. */
const GLOBAL_DISPATCHERS: readonly symbol[] = ['2', '1'].map((version) =>
  Symbol.for(`undici.globalDispatcher.${version}`),
);

type Dispatcher = object & { readonly [option: symbol]: unknown };

/** What a child has to forget. */
export interface KeptConnections {
  readonly agents: readonly Agent[];
  readonly dispatchers: readonly { readonly place: symbol; readonly dispatcher: Dispatcher }[];
}

/** In the parent, immediately before the fork: mostly there is nothing, and then a child need not look for it. */
export function findKeptConnections(): KeptConnections {
  const loaded = (process as unknown as { moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
  const agents: Agent[] = [];
  if (loaded.includes('NativeModule http')) agents.push(process.getBuiltinModule('node:http').globalAgent);
  if (loaded.includes('NativeModule https')) agents.push(process.getBuiltinModule('node:https').globalAgent);
  const dispatchers = GLOBAL_DISPATCHERS.flatMap((place) => {
    const dispatcher = (globalThis as unknown as Record<symbol, Dispatcher | undefined>)[place];
    // Another kind, such as one for a proxy, is the program's own.
    return dispatcher?.constructor.name === 'Agent' ? [{ place, dispatcher }] : [];
  });
  return { agents, dispatchers };
}

/** In the child. */
export function forgetKeptConnections({ agents, dispatchers }: KeptConnections): void {
  for (const agent of agents) forget(agent);
  for (const { place, dispatcher } of dispatchers) replace(place, dispatcher);
}

function forget(agent: Agent): void {
  for (const sockets of [agent.freeSockets, agent.sockets, agent.requests]) {
    for (const name of Object.keys(sockets)) Reflect.deleteProperty(sockets, name);
  }
  (agent as unknown as { totalSocketCount: number }).totalSocketCount = 0;
}

/** `fetch` has an agent that nobody can empty; a new one with the same options takes its place. */
function replace(place: symbol, dispatcher: Dispatcher): void {
  const options = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === 'options');
  const Constructor = dispatcher.constructor as new (options: unknown) => Dispatcher;
  (globalThis as unknown as Record<symbol, Dispatcher>)[place] = new Constructor(
    options === undefined ? {} : { ...(dispatcher[options] as object) },
  );
}
