import type { Address } from '@mp/connection';
import { DeadlockError, TimeoutError } from '@mp/errors';
import {
  BaseManager,
  callMethod,
  getValue,
  ManagerLostError,
  type Proxied,
  PythonError,
  RemoteError,
  Slice,
  SyncManager,
  within,
} from '@mp/managers';
import { Queue, QueueEmptyError, QueueFullError } from '@mp/queues';
import { checkLeaks } from '@mp/testing';
import { PythonProgram, pythons } from '@mp/testing/python';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Maths } from './fixtures/maths.ts';
import { outcome } from './managers.ts';

checkLeaks();

/** The proxies of a Python manager: what they have is what Python exposes. */
interface PythonQueue {
  put(item: unknown, block?: boolean, timeout?: number): void;
  get(block?: boolean, timeout?: number): unknown;
  qsize(): number;
}
interface PythonDict {
  at(key: unknown): unknown;
  get(key: unknown, otherwise?: unknown): unknown;
  has(key: unknown): boolean;
  items(): [unknown, unknown][];
  set(key: unknown, value: unknown): void;
  size(): number;
}
interface Namespaced {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
}
interface PythonMaths {
  add(a: number, b: number): number;
  fail(): void;
  function(): unknown;
  many(): unknown;
}

const KEY = 'abracadabra';

const server = `
import json, queue, sys
from multiprocessing.managers import BaseManager, DictProxy, ListProxy, SyncManager
class Maths:
    def add(self, a, b): return a + b
    def fail(self): raise ZeroDivisionError('division by zero')
    def function(self): return lambda: 1
    def many(self): return [1, 2, 3]
class M(SyncManager): pass
shared = queue.Queue(2)
M.register('get_queue', callable=lambda: shared)
M.register('Maths', Maths, method_to_typeid={'many': 'list'})
m = M(address=('127.0.0.1', 0), authkey=b'${KEY}')
s = m.get_server()
print(json.dumps(s.address), flush=True)
s.serve_forever()
`;

describe.each(pythons)('with $name', (python) => {
  test('a Python manager is used from here: queue, dict, list and a class of its own', async () => {
    const program = new PythonProgram(python, server);
    const address = JSON.parse(await program.line()) as Address;
    const manager = new BaseManager({ address, authkey: KEY, serializer: 'python' });
    await manager.connect();
    onTestFinished(() => manager.shutdown());
    const queue = await manager.create<PythonQueue>('get_queue');
    await queue.put({ greeting: ['hello', 1, 2.5, null] });
    expect(await queue.qsize()).toBe(1);
    expect(await queue.get()).toEqual(new Map([['greeting', ['hello', 1, 2.5, null]]]));
    expect(await outcome(queue.get(false))).toBeInstanceOf(QueueEmptyError);
    await Promise.all([queue.put(1), queue.put(2)]);
    expect(await outcome(queue.put(3, true, 0.001))).toBeInstanceOf(QueueFullError);
    expect(queue.sync.get()).toBe(1);
    await queue.get();

    const dict = await manager.create<PythonDict>('dict', { a: 1 });
    await dict.set('b', [2]);
    expect([await dict.at('b'), await dict.get('z', 9), await dict.has('a'), await dict.size()]).toEqual([
      [2],
      9,
      true,
      2,
    ]);
    expect(await getValue(dict)).toEqual(
      new Map<string, unknown>([
        ['a', 1],
        ['b', [2]],
      ]),
    );
    expect(await outcome(dict.at('z'))).toMatchObject({ type: 'builtins.KeyError', args: ['z'] });

    const namespace = await manager.create<Namespaced>('Namespace');
    await namespace.set('x', 10);
    expect(await namespace.get('x')).toBe(10);
    expect(await outcome(namespace.set('y', (() => 1) as never))).toMatchObject({ path: 'args[1]' });

    const maths = await manager.create<PythonMaths>('Maths');
    expect([await maths.add(2, 3), maths.sync.add(2 ** 40, 1)]).toEqual([5, 2 ** 40 + 1]);
    expect(await outcome(maths.fail())).toBeInstanceOf(PythonError);
    expect(await outcome(maths.function())).toBeInstanceOf(RemoteError);
    expect(await outcome(callMethod(maths, 'nothing'))).toBeInstanceOf(RemoteError);
    const list = (await maths.many()) as unknown as Proxied<PythonDict & { append(item: number): void }>;
    await list.append(4);
    expect([await list.at(-1), await list.size()]).toEqual([4, 4]);
    expect(await callMethod(list, '__getitem__', [new Slice(1, -1)])).toEqual([2, 3]);
    expect(await outcome(manager.create('nothing'))).toBeInstanceOf(RemoteError);
  });

  test('many calls wait in a Python manager at once; one that waits too long is given up', async () => {
    const program = new PythonProgram(python, server);
    const address = JSON.parse(await program.line()) as Address;
    const manager = new BaseManager({ address, authkey: KEY, serializer: 'python' });
    await manager.connect();
    onTestFinished(() => manager.shutdown());
    const queue = await manager.create<PythonQueue>('get_queue');
    const waiting = [queue.get(), queue.get(), queue.get()];
    for (let i = 0; i < 3; i++) await queue.put(i);
    expect((await Promise.all(waiting)).toSorted()).toEqual([0, 1, 2]);
    expect(await outcome(within(queue, { timeout: 20 }).get())).toBeInstanceOf(TimeoutError);
    const lost = outcome(queue.get());
    program.kill();
    expect(await lost).toBeInstanceOf(ManagerLostError);
    expect(await outcome(queue.qsize())).toBeInstanceOf(ManagerLostError);
  });

  test('a Python client uses a queue, a dict, a list, a lock and a class that are served here', async () => {
    const shared = new Queue<unknown>();
    onTestFinished(() => shared.close());
    const Served = SyncManager.register('Maths', { create: Maths }).register('shared', { create: () => shared });
    const served = new Served({
      address: ['127.0.0.1', 0],
      authkey: KEY,
      serializer: 'python',
    }).getServer();
    onTestFinished(() => served.stop());
    served.start();
    const [, port] = served.address as readonly [string, number];
    const program = new PythonProgram(
      python,
      `
import queue
from multiprocessing.managers import BaseManager, SyncManager
class M(SyncManager): pass
M.register('Maths'); M.register('shared')
m = M(address=('127.0.0.1', ${port}), authkey=b'${KEY}')
m.connect()
q = m.Queue(2)
q.put({'greeting': ('hello', 1)})
assert q.get() == {'greeting': ('hello', 1)}
try: q.get(timeout=0.001); assert False
except queue.Empty: pass
try: q.get(block=False); assert False
except queue.Empty: pass
q.put(1); q.put(2)
try: q.put_nowait(3); assert False
except queue.Full: pass
s = m.shared()
s.put_nowait('here'); assert s.qsize() == 1 and s.get(timeout=5) == 'here' and s.empty()
try: s.get(True, 0.001); assert False
except queue.Empty: pass
d = m.dict({'a': 1})
d['b'] = [1, 2]
assert d['b'] == [1, 2] and 'a' in d and len(d) == 2 and d.get('z', 7) == 7
assert sorted(d.items())[0] == ('a', 1) and sorted(d) == ['a', 'b']
try: d['z']; assert False
except KeyError as e: assert e.args == ('z',)
del d['a']
assert d.copy() == {'b': [1, 2]}
assert d._getvalue() == {'b': [1, 2]}
l = m.list(range(3) and [0, 1, 2])
l.append(3); l[0] = 9
assert l[1:3] == [1, 2] and l[-1] == 3 and len(l) == 4 and l[:] == [9, 1, 2, 3] and list(l) == [9, 1, 2, 3]
assert l[::-1] == [3, 2, 1, 9]
l.sort(); assert l[:] == [1, 2, 3, 9] and l.pop() == 9 and l.index(2) == 1
try: l[99]; assert False
except IndexError: pass
lock = m.Lock()
with lock:
    assert lock.acquire(False) is False
n = m.Namespace(); n.x = 10; assert n.x == 10
v = m.Value('i', 4); v.value = 5; assert v.value == 5
e = m.Event(); assert e.wait(0.001) is False; e.set(); assert e.is_set()
maths = m.Maths()
assert maths.add(2, 3) == 5
assert maths.slowly('x') == 'x'
try: maths.fail(3); assert False
except RuntimeError as error: assert 'wrong: 3' in str(error), error
print(m._number_of_objects(), flush=True)
del q, s, d, l, lock, n, v, e, maths
import gc; gc.collect()
print(m._number_of_objects(), flush=True)
`,
    );
    expect(Number(await program.line())).toBeGreaterThanOrEqual(8);
    expect(Number(await program.line())).toBeLessThanOrEqual(1);
    expect(await program.ended).toBe(0);
  });

  test('a pickle that names code is refused, and not run', async () => {
    const served = new SyncManager({ address: ['127.0.0.1', 0], authkey: KEY, serializer: 'python' }).getServer();
    onTestFinished(() => served.stop());
    served.start();
    const [, port] = served.address as readonly [string, number];
    const program = new PythonProgram(
      python,
      `
from multiprocessing.managers import SyncManager, RemoteError
m = SyncManager(address=('127.0.0.1', ${port}), authkey=b'${KEY}')
m.connect()
l = m.list()
class Evil:
    def __reduce__(self): return (__import__, ('os',))
try: l.append(Evil()); print('accepted')
except RemoteError as e: print('refused', '__import__' in str(e))
l.append(1)
print(len(l), flush=True)
`,
    );
    expect(await program.line()).toBe('refused True');
    expect(await program.line()).toBe('1');
    expect(await program.ended).toBe(0);
  });
});

test.each([['node', 'python'] as const, ['python', 'node'] as const])(
  'a client that speaks %s is told that the server speaks %s',
  async (ours, theirs) => {
    const options = { authkey: KEY, address: ['127.0.0.1', 0] } as const;
    const server = new SyncManager({ ...options, serializer: theirs }).getServer();
    onTestFinished(() => server.stop());
    server.start();
    const client = new SyncManager({ ...options, address: server.address, serializer: ours });
    expect(() => client.connectSync()).toThrow(DeadlockError);
    const error = (await outcome(client.connect())) as Error;
    expect(error).toBeInstanceOf(ManagerLostError);
    expect(error.message).toMatch(/no manager of .*serializer: .python/);
  },
);
