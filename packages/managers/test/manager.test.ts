import { AuthenticationError, ConnectError, InsecureListenerError } from '@mp/connection';
import { getContext } from '@mp/context';
import { ClosedError, DeadlockError } from '@mp/errors';
import {
  BaseManager,
  BaseProxy,
  Manager,
  ManagerLostError,
  ManagerStateError,
  ManagerSync,
  RemoteError,
  SharedMemoryManager,
} from '@mp/managers';
import { Process } from '@mp/process';
import { QueueEmptyError } from '@mp/queues';
import { PicklingError } from '@mp/reduction';
import { checkLeaks } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  broken,
  descending,
  failToInitialize,
  initialize,
  Maths,
  makeNumber,
  neverInitialize,
} from './fixtures/maths.ts';
import { putMany } from './fixtures/workers.ts';
import { outcome, started, TestManager } from './managers.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

describe.each(startMethods)('by %s', (method) => {
  const context = getContext(method);

  test('a started manager makes objects in another process and calls their methods', async () => {
    const manager = await started(method);
    const maths = await manager.Maths();
    expect(await maths.add(4, 3)).toBe(7);
    expect(maths.sync.add(5, 3)).toBe(8);
    expect(await maths.pid()).toBe(manager.process?.pid);
    expect(manager.process?.name).toMatch(/^TestManager-\d/);
  });

  test('the initializer runs before anything is served', async () => {
    const manager = new TestManager({ context });
    onTestFinished(() => manager.shutdown());
    await manager.start({ initializer: initialize, initargs: [17] });
    expect(await (await manager.Initialised()).value()).toBe(17);
  });

  test('an initializer that throws is the error of start, and start can be called again', async () => {
    const manager = new TestManager({ context });
    onTestFinished(() => manager.shutdown());
    expect(await outcome(manager.start({ initializer: failToInitialize }))).toEqual(new RangeError('not today'));
    await manager.start();
    expect(await (await manager.Maths()).add(1, 1)).toBe(2);
  });

  test('shutdown ends the server with exit code 0, and says so to whoever calls later', async () => {
    const manager = await started(method);
    const maths = await manager.Maths();
    const server = manager.process!;
    const ended = server.join().then(() => server.exitCode);
    await manager.shutdown();
    await manager.shutdown();
    expect(await ended).toBe(0);
    expect(await outcome(maths.add(1, 2))).toBeInstanceOf(ManagerLostError);
    expect(() => maths.sync.add(1, 2)).toThrow('was shut down');
    expect(await outcome(manager.Maths())).toBeInstanceOf(ClosedError);
  });

  test('calls under way when the server is killed, and later ones, say that it is gone', async () => {
    const manager = await started(method);
    const maths = await manager.Maths();
    const waiting = outcome(maths.forever());
    await maths.add(1, 1);
    manager.process!.kill();
    expect(await waiting).toBeInstanceOf(ManagerLostError);
    expect(await outcome(maths.add(1, 2))).toBeInstanceOf(ManagerLostError);
    expect(() => maths.sync.add(1, 2)).toThrow(ManagerLostError);
    expect(await manager.join()).toBe(true);
  });

  test('the first call after the server was killed says that it is gone, in both forms', async () => {
    for (const form of ['promise', 'sync'] as const) {
      const manager = await started(method);
      const maths = await manager.Maths();
      maths.sync.add(1, 1);
      manager.process!.kill();
      await manager.join();
      if (form === 'promise') expect(await outcome(maths.add(1, 2))).toBeInstanceOf(ManagerLostError);
      else expect(() => maths.sync.add(1, 2)).toThrow(ManagerLostError);
      expect(await outcome(manager.Maths())).toBeInstanceOf(ManagerLostError);
    }
  });

  test('a blocking call under way when the server dies says that it is gone', async () => {
    const manager = await started(method);
    const maths = await manager.Maths();
    expect(() => maths.sync.exit()).toThrow(ManagerLostError);
  });
});

test('a start that takes too long is given up, and leaves no process', async () => {
  const manager = new TestManager();
  const error = await outcome(manager.start({ initializer: neverInitialize, timeout: 20 }));
  expect(error).toMatchObject({
    name: 'TimeoutError',
    message: expect.stringMatching(/^start: TestManager-\S+ did not/),
  });
  await manager.start();
  await manager.shutdown();
});

test('Manager and ManagerSync start a SyncManager', async () => {
  const manager = await Manager();
  onTestFinished(() => manager.shutdown());
  expect(await (await manager.dict([['a', 1]])).get('a')).toBe(1);
  const other = ManagerSync();
  expect(other.sync.dict([['a', 2]]).sync.get('a')).toBe(2);
  other.shutdownSync();
});

test('a manager without a server says what to call first', async () => {
  const manager = new TestManager();
  expect(await outcome(manager.Maths())).toBeInstanceOf(ManagerStateError);
  expect(() => manager.createSync('Maths')).toThrow('start()');
  expect(await outcome(manager.connect())).toBeInstanceOf(ManagerStateError);
  expect(await outcome(manager.join())).toBeInstanceOf(ManagerStateError);
  expect(await outcome(manager.shutdown())).toBeInstanceOf(ManagerStateError);
});

test('a manager of shared memory without a server says so, too', async () => {
  expect(await outcome(new SharedMemoryManager().SharedMemory(8))).toMatchObject({
    code: 'ERR_MP_MANAGER_STATE',
    message: expect.stringMatching(/^SharedMemory: .*start\(\)/),
  });
});

test('options that make no sense are refused', () => {
  expect(() => new TestManager({ serializer: 'xmlrpclib' as never })).toThrow(TypeError);
  expect(() => new TestManager({ shutdownTimeout: -1 })).toThrow(RangeError);
});

test('a manager is not started twice', async () => {
  const manager = await started();
  expect(await outcome(manager.start())).toBeInstanceOf(ManagerStateError);
  expect(() => manager.getServer()).toThrow(ManagerStateError);
});

test('types that cannot travel are refused before there is a process', async () => {
  const Closure = BaseManager.register('Thing', { create: () => ({}) });
  const manager = new Closure();
  for (const error of [await outcome(manager.start()), await outcome((async () => manager.startSync())())]) {
    expect(error).toBeInstanceOf(PicklingError);
    expect((error as Error).message).toMatch(
      /^`register\('Thing'\)\.create` cannot be pickled: .* not exported .*callable/,
    );
  }
  expect(await outcome(new BaseManager().start({ initializer: () => {} }))).toMatchObject({ path: 'initializer' });
  expect(manager.process).toBeUndefined();
});

test('a type that a method is to return, and nobody has registered, is refused before there is a process', async () => {
  const Garden = BaseManager.register('Garden', { create: Maths, methodToTypeid: { plants: 'list' } });
  const manager = new Garden();
  const refusal = /^register\('Garden'\): methodToTypeid .* plants .*'list', which was not registered.*SyncManager/;
  expect(await outcome(manager.start())).toMatchObject({ name: 'TypeError', message: expect.stringMatching(refusal) });
  expect(manager.process).toBeUndefined();
  expect(() => manager.getServer()).toThrow(refusal);
  // It can be registered later.
  Garden.register('list', { create: Map as never });
  manager.getServer().stop();
});

class Mistaken extends BaseProxy {
  static readonly exposed = 'add' as never;
}

test.each<[string, unknown, unknown, RegExp]>([
  ['no name', '', { create: Maths }, /'' cannot be the name of a type/],
  ['a name that is none', 7, { create: Maths }, /7 cannot be the name of a type/],
  ['the name of what managers have', 'start', { create: Maths }, /'start' cannot be the name/],
  ['a name that makes a promise of the manager', 'then', { create: Maths }, /'then' cannot be the name/],
  [
    'a class in the place of the options',
    'A',
    Maths,
    /options are \[class Maths\].*register\('Maths', { create: Maths }\)/,
  ],
  ['what is not callable', 'A', { create: 1 }, /create is 1: it must be a class or a function/],
  ['an option of Python', 'A', { callable: Maths }, /no option 'callable'\. It is called create here/],
  ['an option that does not exist', 'A', { create: Maths, expose: ['add'] }, /no option 'expose'\. There are create,/],
  ['a name in the place of exposed ones', 'A', { exposed: 'add' }, /exposed is 'add': it must be a list/],
  ['exposed ones that are no names', 'A', { exposed: ['add', 7] }, /exposed contains 7/],
  ['what a proxy cannot have', 'A', { exposed: ['then'] }, /exposed contains 'then'/],
  ['a proxy type that is no proxy', 'A', { proxyType: Maths }, /proxyType is \[class Maths\].*derived from BaseProxy/],
  ['a proxy type that is no class', 'A', { proxyType: 'AutoProxy' }, /proxyType is 'AutoProxy'/],
  ['a proxy type that says nonsense', 'A', { proxyType: Mistaken }, /Mistaken\.exposed is 'add': it must be a list/],
  ['returned types that are none', 'A', { methodToTypeid: ['add'] }, /methodToTypeid is \[ 'add' \]/],
  [
    'returned types in a Map',
    'A',
    { methodToTypeid: new Map([['add', 'list']]) },
    /methodToTypeid is Map.*must be an object/,
  ],
  ['a returned type without a name', 'A', { methodToTypeid: { add: Maths } }, /for add it says \[class Maths\]/],
])('register refuses %s', (_, typeid, options, refusal) => {
  const attempt = (): unknown => BaseManager.register(typeid as string, options as never);
  expect(attempt).toThrow(TypeError);
  expect(attempt).toThrow(refusal);
});

test('register changes neither the classes of the library nor those above', async () => {
  class Mine extends BaseManager {}
  class Derived extends Mine {}
  expect(Mine.register('Maths', { create: Maths })).toBe(Mine);
  Derived.register('Other', { create: Maths });
  expect('Maths' in new Derived()).toBe(true);
  expect('Maths' in new Mine()).toBe(true);
  expect('Other' in new Mine()).toBe(false);
  expect('Maths' in new BaseManager()).toBe(false);
});

test('a server in this process serves clients of this process and others until it is stopped', async () => {
  const server = new TestManager().getServer();
  const serving = server.serveForever();
  const client = new TestManager({ address: server.address });
  await client.connect();
  const maths = await client.Maths();
  expect(await maths.add(2, 2)).toBe(4);
  // Its object is here: that needs no connection.
  expect(maths.sync.add(2, 2)).toBe(4);
  expect(() => maths.sync.slowly('')).toThrow(DeadlockError);
  expect(() => client.createSync('Maths')).toThrow(DeadlockError);
  expect(() => new TestManager({ address: server.address }).connectSync()).toThrow(DeadlockError);
  const child = new Process({ target: putMany, args: [await client.Queue<number>(), 3] });
  await child.start();
  await child.join();
  expect(child.exitCode).toBe(0);
  child.close();
  await client.shutdown();
  server.stop();
  await serving;
  const late = new TestManager({ address: server.address });
  expect(await outcome(late.connect())).toBeInstanceOf(ConnectError);
});

test('serveForever ends with its signal', async () => {
  const controller = new AbortController();
  const serving = outcome(new TestManager().getServer().serveForever({ signal: controller.signal }));
  controller.abort();
  expect(await serving).toMatchObject({ name: 'AbortError' });
});

const overTcp = { address: ['127.0.0.1', 0], authkey: 'abracadabra' } as const;

test('a server over TCP is used with its key, and not without', async () => {
  const { address } = await started('spawn', overTcp);
  const client = new TestManager({ ...overTcp, address });
  await client.connect();
  onTestFinished(() => client.shutdown());
  const queue = await client.Queue<string>();
  await queue.put('hello');
  expect(queue.sync.qsize()).toBe(1);
  expect(await queue.get()).toBe('hello');
  expect(await outcome(queue.getNowait())).toBeInstanceOf(QueueEmptyError);
  const stranger = new TestManager({ address, authkey: 'sesame' });
  expect(await outcome(stranger.connect())).toBeInstanceOf(AuthenticationError);
});

test('nothing from the network names code: functions are refused over TCP, and the server goes on', async () => {
  const manager = await started('spawn', overTcp);
  const list = await manager.list<unknown>([3, 1, 2]);
  expect(await outcome(list.push(broken))).toMatchObject({ code: 'ERR_MP_UNPICKLING' });
  expect(() => list.sync.push(broken)).toThrow('may not name');
  expect(await outcome(Promise.all([list.push(4), list.push(broken), list.push(5)]))).toMatchObject({
    code: 'ERR_MP_UNPICKLING',
  });
  expect(await list.values()).toEqual([3, 1, 2, 4, 5]);
});

test('on this machine functions may travel, and run in the server', async () => {
  const list = await (await started()).list([3, 1, 2]);
  await list.sort(descending);
  expect(await list.values()).toEqual([3, 2, 1]);
});

test('an address that others can reach is refused with an empty key', () => {
  expect(() => new TestManager({ address: ['0.0.0.0', 0], authkey: '' }).getServer()).toThrow(InsecureListenerError);
});

test('what the server refuses is a RemoteError with the reason', async () => {
  class Odd extends TestManager.register('Broken', { create: broken }).register('Number', {
    create: makeNumber as never,
  }) {}
  const manager = new Odd();
  onTestFinished(() => manager.shutdown());
  await manager.start();
  expect(await outcome(manager.create('Nothing'))).toBeInstanceOf(RemoteError);
  expect(await outcome(manager.create('Counter'))).toBeInstanceOf(RemoteError);
  expect(await outcome(manager.create('Number'))).toBeInstanceOf(RemoteError);
  expect(await outcome(manager.create('Broken'))).toEqual(new RangeError('no such thing'));
});
