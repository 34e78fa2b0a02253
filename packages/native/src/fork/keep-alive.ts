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

/** In the child. */
export function forgetKeptConnections(): void {
  const loaded = (process as unknown as { moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
  if (loaded.includes('NativeModule http')) forget(process.getBuiltinModule('node:http').globalAgent);
  if (loaded.includes('NativeModule https')) forget(process.getBuiltinModule('node:https').globalAgent);
  forgetThoseOfFetch();
}

function forget(agent: Agent): void {
  for (const sockets of [agent.freeSockets, agent.sockets, agent.requests]) {
    for (const name of Object.keys(sockets)) Reflect.deleteProperty(sockets, name);
  }
  (agent as unknown as { totalSocketCount: number }).totalSocketCount = 0;
}

/** `fetch` has an agent that nobody can empty; a new one with the same options takes its place. */
function forgetThoseOfFetch(): void {
  const global = globalThis as unknown as Record<symbol, Dispatcher | undefined>;
  for (const place of GLOBAL_DISPATCHERS) {
    const before = global[place];
    // Another kind, such as one for a proxy, is the program's own.
    if (before === undefined || before.constructor.name !== 'Agent') continue;
    const options = Object.getOwnPropertySymbols(before).find(({ description }) => description === 'options');
    const Constructor = before.constructor as new (options: unknown) => Dispatcher;
    global[place] = new Constructor(options === undefined ? {} : { ...(before[options] as object) });
  }
}
