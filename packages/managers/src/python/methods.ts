import type { WaitOptions } from '@mp/native';
import { Queue } from '@mp/queues';
import { ManagedDict } from '../managed/dict.ts';
import { ManagedEvent } from '../managed/event.ts';
import { ManagedIterator } from '../managed/iterator.ts';
import { ManagedList } from '../managed/list.ts';
import { ManagedLock } from '../managed/lock.ts';
import { ManagedNamespace } from '../managed/namespace.ts';
import { ManagedQueue } from '../managed/queue.ts';
import { ManagedRLock } from '../managed/rlock.ts';
import { ManagedSemaphore } from '../managed/semaphore.ts';
import { ManagedArray, ManagedValue } from '../managed/value.ts';
import { PythonError } from './errors.ts';
import { Slice } from './slice.ts';

/**
 * The methods that Python's proxies call, for our managed objects: by their names there, with what they mean there. Times
 * are seconds.
 */

// biome-ignore lint/suspicious/noExplicitAny: what a Python client passes; what does not fit is an error in the method.
type Method = (object: any, ...args: any[]) => unknown;
type Methods = Readonly<Record<string, Method>>;

const missing = (key: unknown): never => {
  throw new PythonError('builtins.KeyError', [key]);
};

const pair = (entry: readonly unknown[]): readonly unknown[] => Object.freeze([...entry]);

/** `block` and `timeout` of Python. */
function waiting(block: unknown, timeout: unknown): WaitOptions {
  if (block === false || block === 0) return { timeout: 0 };
  return typeof timeout === 'number' ? { timeout: timeout * 1000 } : {};
}

const dict: Methods = {
  __contains__: (dict: ManagedDict, key) => dict.has(key),
  __delitem__: (dict: ManagedDict, key) => dict.delete(key) || missing(key),
  __getitem__: (dict: ManagedDict, key) => (dict.has(key) ? dict.get(key) : missing(key)),
  __iter__: (dict: ManagedDict) => dict.keys().values(),
  __len__: (dict: ManagedDict) => dict.size(),
  __setitem__: (dict: ManagedDict, key, value) => dict.set(key, value),
  clear: (dict: ManagedDict) => dict.clear(),
  copy: (dict: ManagedDict) => dict.copy(),
  get: (dict: ManagedDict, key, otherwise = null) => (dict.has(key) ? dict.get(key) : otherwise),
  items: (dict: ManagedDict) => dict.entries().map(pair),
  keys: (dict: ManagedDict) => dict.keys(),
  pop: (dict: ManagedDict, key, ...otherwise) =>
    dict.has(key) || otherwise.length > 0 ? dict.pop(key, otherwise[0]) : missing(key),
  popitem: (dict: ManagedDict) => pair(dict.popItem() ?? missing('popitem(): dictionary is empty')),
  setdefault: (dict: ManagedDict, key, value = null) => dict.setDefault(key, value),
  update: (dict: ManagedDict, entries) => dict.update(entries),
  values: (dict: ManagedDict) => dict.values(),
};

type Sequence = ManagedList | ManagedArray;

function indexIn(list: Sequence, index: unknown): number {
  const length = list.length();
  const found = (index as number) < 0 ? length + (index as number) : (index as number);
  if (Number.isInteger(found) && found >= 0 && found < length) return found;
  throw new PythonError('builtins.IndexError', ['list index out of range']);
}

const itemAt = (list: Sequence, index: unknown): unknown =>
  index instanceof Slice ? index.indices(list.length()).map((i) => list.at(i)) : list.at(indexIn(list, index));

const array: Methods = {
  __getitem__: itemAt,
  __len__: (list: Sequence) => list.length(),
  __setitem__: (list: Sequence, index, value) => list.set(indexIn(list, index), value),
};

const list: Methods = {
  ...array,
  __add__: (list: ManagedList, items: unknown[]) => [...list.values(), ...items],
  __contains__: (list: ManagedList, item) => list.includes(item),
  __delitem__: (list: ManagedList, index) => void list.pop(indexIn(list, index)),
  __mul__: (list: ManagedList, count: number) => Array.from({ length: Math.max(0, count) }, () => list.values()).flat(),
  append: (list: ManagedList, item) => void list.push(item),
  count: (list: ManagedList, item) => list.count(item),
  extend: (list: ManagedList, items) => list.extend(items),
  index(list: ManagedList, item) {
    const index = list.indexOf(item);
    if (index >= 0) return index;
    throw new PythonError('builtins.ValueError', ['it is not in list']);
  },
  insert: (list: ManagedList, index, item) => list.insert(index, item),
  pop: (list: ManagedList, index = -1) => list.pop(indexIn(list, index)),
  remove: (list: ManagedList, item) => list.remove(item),
  reverse: (list: ManagedList) => list.reverse(),
  sort(list: ManagedList, key = null, reverse = false) {
    if (key !== null) throw new PythonError('builtins.TypeError', ['sort: a key function cannot travel']);
    list.sort();
    if (reverse === true) list.reverse();
  },
};

const queue: Methods = {
  empty: (queue: ManagedQueue) => queue.empty(),
  full: (queue: ManagedQueue) => queue.full(),
  get: (queue: ManagedQueue, block = true, timeout = null) => queue.get(waiting(block, timeout)),
  get_nowait: (queue: ManagedQueue) => queue.getNowait(),
  join: async (queue: ManagedQueue) => void (await queue.join()),
  put: (queue: ManagedQueue, item, block = true, timeout = null) => queue.put(item, waiting(block, timeout)),
  put_nowait: (queue: ManagedQueue, item) => queue.putNowait(item),
  qsize: (queue: ManagedQueue) => queue.qsize(),
  task_done: (queue: ManagedQueue) => queue.taskDone(),
};

const lock: Methods = {
  acquire: (lock: ManagedLock, blocking = true, timeout = null) => lock.acquire(waiting(blocking, timeout)),
  release: (lock: ManagedLock) => lock.release(),
};

const event: Methods = {
  clear: (event: ManagedEvent) => event.clear(),
  is_set: (event: ManagedEvent) => event.isSet(),
  set: (event: ManagedEvent) => event.set(),
  wait: (event: ManagedEvent, timeout = null) => event.wait(waiting(true, timeout)),
};

const value: Methods = {
  get: (value: ManagedValue) => value.get(),
  set: (value: ManagedValue, to) => value.set(to),
};

const namespace: Methods = {
  __delattr__: (namespace: ManagedNamespace, name) => void (namespace.delete(name) || noAttribute(name)),
  __getattribute__: (namespace: ManagedNamespace, name) =>
    namespace.has(name) ? namespace.get(name) : noAttribute(name),
  __setattr__: (namespace: ManagedNamespace, name, to) => namespace.set(name, to),
};

const noAttribute = (name: unknown): never => {
  throw new PythonError('builtins.AttributeError', [`'Namespace' object has no attribute '${String(name)}'`]);
};

const iterator: Methods = {
  async __next__(iterator: ManagedIterator) {
    const { done, value } = await iterator.next();
    if (done === true) throw new PythonError('builtins.StopIteration', []);
    return value;
  },
  close: (iterator: ManagedIterator) => iterator.return(),
};

const byClass: readonly (readonly [abstract new (...args: never[]) => object, Methods])[] = [
  [ManagedDict, dict],
  [ManagedList, list],
  [ManagedArray, array],
  [ManagedQueue, queue],
  // A queue in shared memory, that local processes use directly.
  [Queue, queue],
  [ManagedLock, lock],
  [ManagedRLock, lock],
  [ManagedSemaphore, lock],
  [ManagedEvent, event],
  [ManagedValue, value],
  [ManagedNamespace, namespace],
  [ManagedIterator, iterator],
];

/** The names of arguments that Python programs give by name. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  acquire: ['blocking', 'timeout'],
  get: ['block', 'timeout'],
  put: ['item', 'block', 'timeout'],
  sort: ['key', 'reverse'],
  wait: ['timeout'],
};

/** Puts arguments that were given by name where the methods above expect them. */
export function positional(
  method: string,
  args: readonly unknown[],
  keywords: Readonly<Record<string, unknown>>,
): unknown[] {
  const all = [...args];
  for (const [name, value] of Object.entries(keywords)) {
    const index = KEYWORDS[method]?.indexOf(name) ?? -1;
    if (index === -1) {
      throw new PythonError('builtins.TypeError', [`${method}() got an unexpected keyword argument '${name}'`]);
    }
    all[index] = value;
  }
  // A hole is an argument that was not given: it gets its default.
  return Array.from(all);
}

/** The methods for Python of one of our own objects. Undefined: it is not one of ours, and has its own. */
export const pythonMethods = (object: object): Methods | undefined =>
  byClass.find(([Class]) => object instanceof Class)?.[1];
