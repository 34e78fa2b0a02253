/**
 * What a child does that was given a plain order: a function of the user's and some arguments. For that it needs the
 * addon and nothing else of ours, which takes 10 ms to load and run; so it is loaded by who needs it:
 *
 *     the target's module cannot be loaded, or is not what it was  ┐
 *     the user's code imports @mp/process or what builds upon it   ├▶ grow-up.ts reads the messages that came as well
 *     an error that nobody catches, and that is to be reported     ┘
 */
import { readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { PLAIN_ORDER_BYTES, type PlainOrder } from '../plain-order.ts';
import { watchForEmptyLoop } from './empty-loop.ts';
import { endQuickly } from './end-quickly.ts';
import { FIRST_DESCRIPTORS, SOCKET } from './first-descriptors.ts';
import { newborn } from './newborn.ts';

type Target = (...args: PlainOrder['args']) => unknown;
type Full = typeof import('./late.ts');

/** What @mp/native has for it, without that package. */
interface Addon {
  setCloseOnExec(descriptor: number, on: boolean): void;
  endWithParent(socket: number, grace: number): () => void;
  countLibraries(): number;
  exitNow(code: number): never;
}

interface ToldByChild {
  /** Of all that it starts, unless the user says otherwise. */
  readonly startMethod: 'spawn';
  /** What Node was started with, before the arguments became those of the parent. */
  readonly script: string;
}

const GRACE_MS = 1000;
const require = createRequire(import.meta.url);
/** Not imported, for it is to be loaded late and at once. Sources end in .ts and builds in .js. */
const FULL = `./late.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`;

let loaded: Full['late'] | undefined;
let tellLocations: () => { deregister(): void } | undefined;

/** @param tell - tells Node where our packages are, until it is taken back */
export function startPlain(addonFile: string, tell: typeof tellLocations): void {
  tellLocations = tell;
  const addon = require(addonFile) as Addon;
  for (const descriptor of FIRST_DESCRIPTORS) addon.setCloseOnExec(descriptor, true);
  addon.endWithParent(SOCKET, GRACE_MS);
  endQuickly(addon);
  const order = readOrder();
  tellThoseBelow();
  process.argv.splice(1, process.argv.length, ...order.argv);
  newborn.stage = 'importing';
  const target = load(order);
  if (target === undefined || newborn.isGrown) {
    // Not awaited: if it never ends, Node would speak of this line.
    full().carryOn();
    return;
  }
  newborn.stage = 'running';
  newborn.target = target;
  newborn.args = order.args;
  void run(target, order.args);
}

/** @mp/context and @mp/reduction may be loaded without this package, and later than in other children. */
function tellThoseBelow(): void {
  const value: ToldByChild = { startMethod: 'spawn', script: process.argv[1] as string };
  Object.defineProperty(process, Symbol.for('@mp/child'), { value });
}

function readOrder(): PlainOrder {
  const bytes = Buffer.allocUnsafe(PLAIN_ORDER_BYTES);
  return JSON.parse(bytes.toString('utf8', 0, readSync(SOCKET, bytes))) as PlainOrder;
}

/**
 * The target, if its module can be loaded at once and it is in its place. Otherwise the long form of the order is carried
 * out, which knows what to do and what to say. (Node keeps the error of an ES module: it is not run a second time.)
 */
function load({ url, path, text }: PlainOrder): Target | undefined {
  let value: unknown;
  try {
    value = createRequire(url)(fileURLToPath(url));
  } catch {
    return undefined;
  }
  // A module may tell `require` another story than `import` (`export { x as 'module.exports' }`).
  if (!isNamespace(value)) return undefined;
  for (const name of path) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
    // Not by a getter, which would be code of the user's.
    value = Object.getOwnPropertyDescriptor(value, name)?.value as unknown;
  }
  return typeof value === 'function' && Function.prototype.toString.call(value) === text
    ? (value as Target)
    : undefined;
}

const isNamespace = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === null &&
  (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Module';

async function run(target: Target, args: PlainOrder['args']): Promise<void> {
  process.on('uncaughtExceptionMonitor', (error) => {
    // Otherwise the process goes on, and may be importing us.
    if (process.listenerCount('uncaughtException') === 0) fullIfPossible()?.reportUncaught(error);
  });
  const finished = watchForEmptyLoop(() => fullIfPossible()?.tellUnfinished());
  try {
    // What the module has begun when it was imported comes first, as it does in a child that receives a message.
    await null;
    await target(...args);
    finished();
  } catch (error) {
    const late = fullIfPossible() ?? (await fullLater());
    // Node prints it and exits with 1, then; only the parent does not learn what it was.
    if (late === undefined) throw error;
    late.end(error);
  }
}

/** All of a child, for what is not plain. */
function full(): Full['late'] {
  if (loaded === undefined) {
    const told = tellLocations();
    try {
      loaded = (require(FULL) as Full).late;
    } finally {
      told?.deregister();
    }
  }
  return loaded;
}

/** The same when the user's code is importing us just now: that ends first. Node 22 may have spoilt it by refusing. */
async function fullLater(): Promise<Full['late'] | undefined> {
  try {
    return ((await import(FULL)) as Full).late;
  } catch {
    return undefined;
  }
}

/** The same for those who must not throw. Node refuses if the user's code is importing us just now. */
function fullIfPossible(): Full['late'] | undefined {
  try {
    return full();
  } catch {
    return undefined;
  }
}
