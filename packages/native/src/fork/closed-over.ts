/**
 * What a function of Node closes over, by its name there; undefined: nothing of that name, or this Node has no inspector.
 *
 * The in-process inspector shows it, without a debugger being enabled. It takes three milliseconds the first time and
 * half of one after that, so the answer is to be kept; a forked child inherits it.
 */
export function closedOver(fn: unknown, name: string): unknown {
  if (!process.features.inspector) return undefined;
  const { Session } = process.getBuiltinModule('node:inspector');
  const session = new Session();
  session.connect();
  const exchange: { value?: unknown } = { value: fn };
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
    const id = ask<Evaluated>('Runtime.evaluate', { expression: `${expression}.value` })?.result.objectId;
    const scopes = propertiesOf(ask, id).internal.find((property) => property.name === '[[Scopes]]');
    for (const scope of propertiesOf(ask, scopes?.value?.objectId).own) {
      const found = propertiesOf(ask, scope.value?.objectId).own.find((property) => property.name === name);
      const objectId = found?.value?.objectId;
      if (objectId === undefined) continue;
      exchange.value = undefined;
      ask('Runtime.callFunctionOn', { objectId, functionDeclaration: `function () { ${expression}.value = this; }` });
      if (typeof exchange.value === 'object' && exchange.value !== null) return exchange.value;
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
