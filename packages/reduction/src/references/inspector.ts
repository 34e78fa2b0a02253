import type { Debugger, Profiler, Runtime, Session } from 'node:inspector';
import { pathToFileURL } from 'node:url';

/**
 * What the debugger knows about functions and the language does not tell: where a function is written, and what the
 * variables of its module are.
 *
 * ```text
 *   function ──► inspector session of this very thread ──► script, line, column     [[FunctionLocation]]
 *                (synchronous, no port is opened)       └─► variables of the module  [[Scopes]]
 * ```
 *
 * The session is opened by the first question of a message and closed at its end (0.3 ms); answers are kept by those
 * who ask. The debugger itself stays off: switching it on announces every script, 15 ms, or 50 when Node has loaded its
 * WebAssembly for TypeScript. The URLs of scripts come from the profiler's coverage instead, 4 ms once. Only what is
 * not found there makes the debugger necessary, for as long as the question takes. A debugger of the user is not
 * disturbed.
 */

// biome-ignore lint/complexity/noBannedTypes: the inspector looks at any function.
type AnyFunction = Function;

/** Where a function is written. */
export interface Place {
  readonly scriptId: string;
  /** `file:///…`, `node:…`, or empty for what eval made. */
  readonly url: string;
  /** Counted from 0. */
  readonly line: number;
  readonly column: number;
}

let session: Session | undefined;

/** Script ids are never used again, so what is known stays true. */
const urls = new Map<string, string>();

function open(): Session {
  if (session === undefined) {
    const { Session: NodeSession } = process.getBuiltinModule('node:inspector');
    const fresh = new NodeSession();
    fresh.connect();
    session = fresh;
  }
  return session;
}

/** Ends the session, if there is one. Everybody who asks the inspector sees to it that this is called in the end. */
export function closeInspector(): void {
  const open = session;
  session = undefined;
  open?.disconnect();
}

type Post = (method: string, params: object, done: (error: Error | null, result: unknown) => void) => void;

/** The answer comes before `post` returns. */
function ask<T>(method: string, params: object = {}): T {
  let answer: unknown;
  let failure: Error | undefined;
  const { post } = open() as unknown as { post: Post };
  post.call(session, method, params, (error, result) => {
    if (error === null) answer = result;
    else failure = new Error(`the inspector refused ${method}: ${error.message}`, { cause: error });
  });
  if (failure !== undefined) throw failure;
  return answer as T;
}

// The only way to hand an object to the inspector, and to get one from it, is through a global variable.
const EXCHANGE = Symbol.for('@mp/reduction:inspected');
const EXPRESSION = `globalThis[Symbol.for('@mp/reduction:inspected')]`;

function exchange<T>(value: unknown, use: () => T): T {
  Object.defineProperty(globalThis, EXCHANGE, { value, configurable: true, enumerable: false });
  try {
    return use();
  } finally {
    Reflect.deleteProperty(globalThis, EXCHANGE);
  }
}

function remote(value: object): string {
  const { result } = exchange(value, () =>
    ask<Runtime.EvaluateReturnType>('Runtime.evaluate', { expression: EXPRESSION }),
  );
  if (result.objectId === undefined) throw new Error('the inspector does not see the object');
  return result.objectId;
}

const look = (objectId: string): Runtime.GetPropertiesReturnType =>
  ask('Runtime.getProperties', { objectId, ownProperties: true });

const internal = (fn: AnyFunction, name: string): Runtime.RemoteObject | undefined =>
  look(remote(fn)).internalProperties?.find((property) => property.name === name)?.value;

/** @returns undefined for native and bound functions */
export function placeOf(fn: AnyFunction): Place | undefined {
  const location = internal(fn, '[[FunctionLocation]]')?.value as Debugger.Location | undefined;
  if (location === undefined) return undefined;
  const { scriptId, lineNumber, columnNumber = 0 } = location;
  return { scriptId, url: urlOf(scriptId), line: lineNumber, column: columnNumber };
}

/** Node 22 lets TypeScript that was required go by its path (a `sourceURL`), and not by its URL as everything else. */
function note(scriptId: string, url: string): void {
  urls.set(scriptId, url.startsWith('/') ? pathToFileURL(url).href : url);
}

function urlOf(scriptId: string): string {
  if (!urls.has(scriptId)) readCoverage();
  if (!urls.has(scriptId)) withDebugger(() => {});
  return urls.get(scriptId) ?? '';
}

/** Whether a script with this URL has been compiled in this thread. */
export function isScript(url: string): boolean {
  const isKnown = (): boolean => [...urls.values()].includes(url);
  if (!isKnown()) readCoverage();
  if (!isKnown()) withDebugger(() => {});
  return isKnown();
}

function readCoverage(): void {
  ask('Profiler.enable');
  try {
    const { result } = ask<Profiler.GetBestEffortCoverageReturnType>('Profiler.getBestEffortCoverage');
    for (const { scriptId, url } of result) note(scriptId, url);
  } finally {
    ask('Profiler.disable');
  }
}

function withDebugger<T>(use: () => T): T {
  const noteParsed = ({ params }: { params: { scriptId: string; url: string } }): void => {
    note(params.scriptId, params.url);
  };
  const here = open();
  here.on('Debugger.scriptParsed', noteParsed);
  ask('Debugger.enable');
  try {
    return use();
  } finally {
    ask('Debugger.disable');
    here.off('Debugger.scriptParsed', noteParsed);
  }
}

/** The text that was compiled: of TypeScript, what is left when the types are taken out. */
export const sourceOf = (scriptId: string): string =>
  withDebugger(() => ask<Debugger.GetScriptSourceReturnType>('Debugger.getScriptSource', { scriptId })).scriptSource;

/** A variable at the top level of a module. */
export interface Variable {
  readonly name: string;
  /** false: the module has not come so far yet. */
  readonly isInitialised: boolean;
  /** The inspector's number for its value, if that is an object. */
  readonly objectId: string | undefined;
}

/**
 * The variables of the module that a function is written in, whether the module has finished or not: those that V8
 * keeps, which are the exported and the imported ones and those that functions use.
 */
export function moduleVariables(fn: AnyFunction): readonly Variable[] {
  const scopes = internal(fn, '[[Scopes]]')?.objectId;
  if (scopes === undefined) return [];
  return look(scopes).result.flatMap(({ value: scope }) => {
    if (scope?.description !== 'Module' || scope.objectId === undefined) return [];
    return look(scope.objectId).result.map(({ name, value }) => ({
      name,
      isInitialised: value !== undefined,
      objectId: value?.objectId,
    }));
  });
}

const RECEIVE = `function () { ${EXPRESSION}.value = this; }`;

/** The object itself that the inspector knows by a number. The session must still be the one that gave the number. */
export function objectOf(objectId: string): unknown {
  const box: { value?: unknown } = {};
  exchange(box, () => ask('Runtime.callFunctionOn', { objectId, functionDeclaration: RECEIVE }));
  return box.value;
}

const RECEIVE_NAMED = `function (name) {
  ${EXPRESSION}.value = this.filter((fn) => Object.getOwnPropertyDescriptor(fn, 'name')?.value === name);
}`;

/** All functions in memory with this name. Walks the whole heap (200 ms for 300,000 objects): the last resort. */
export function functionsNamed(name: string): AnyFunction[] {
  const prototypeObjectId = remote(Function.prototype);
  const { objects } = ask<Runtime.QueryObjectsReturnType>('Runtime.queryObjects', { prototypeObjectId });
  const box: { value?: unknown } = {};
  const call = { objectId: objects.objectId, functionDeclaration: RECEIVE_NAMED, arguments: [{ value: name }] };
  exchange(box, () => ask('Runtime.callFunctionOn', call));
  return Array.isArray(box.value) ? (box.value as AnyFunction[]) : [];
}
