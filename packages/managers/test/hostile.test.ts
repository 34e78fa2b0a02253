import { readdirSync } from 'node:fs';
import { Client, Listener, Pipe } from '@mp/connection';
import { getContext } from '@mp/context';
import { type DictProxy, type ListProxy, ManagerLostError, SyncManager, within } from '@mp/managers';
import { Process } from '@mp/process';
import { checkLeaks, isRunning, startNode, until } from '@mp/testing';
import { PythonProgram, pythons } from '@mp/testing/python';
import { expect, onTestFinished, test } from 'vitest';
import { Hostile } from './fixtures/maths.ts';
import { countForever } from './fixtures/workers.ts';
import { outcome, started } from './managers.ts';
import { startMethods } from './start-methods.ts';

checkLeaks({
  allow: [
    { leak: /\/memfd:mp-segment/, because: 'memory of large messages is kept for the next ones for ten seconds' },
  ],
});

async function hostile(): Promise<InstanceType<typeof HostileManager>> {
  const manager = new HostileManager({ shutdownTimeout: 50_000 });
  onTestFinished(() => manager.shutdown());
  await manager.start();
  return manager;
}

class HostileManager extends SyncManager.register('Hostile', { create: Hostile }) {}

test('whatever a method throws arrives', async () => {
  const object = await (await hostile()).Hostile();
  expect(await outcome(object.throwNothing())).toBeUndefined();
  expect(await outcome(object.throwText())).toBe('text');
  expect(await outcome(object.throwFrozen())).toMatchObject({ message: 'frozen' });
  expect(await outcome(object.throwProxy())).toMatchObject({
    code: 'ERR_MP_REMOTE',
    message: expect.stringContaining('error'),
  });
  expect(await object.thenable()).toBe('resolved');
});

test('a wait for a server that computes is ended by its time-out', async () => {
  const object = await (await hostile()).Hostile();
  expect(() => within(object, { timeout: 10 }).sync.compute(1_500)).toThrow('no answer within 10 ms');
  expect(await object.compute(0)).toBe('computed');
});

test('shutdown does not wait for what managed objects have left behind', async () => {
  const manager = await hostile();
  await (await manager.Hostile()).leaveTimer();
  const server = manager.process!;
  const ended = server.join().then(() => server.exitCode);
  await manager.shutdown();
  expect(await ended).toBe(0);
});

test('a server that computes for ever is ended by shutdown, and Ctrl-C is not for it', async () => {
  const manager = new HostileManager({ shutdownTimeout: 20 });
  await manager.start();
  const object = await manager.Hostile();
  const server = manager.process!;
  process.kill(server.pid!, 'SIGINT');
  expect(await object.compute(0)).toBe('computed');
  expect(await manager.join({ timeout: 1 })).toBe(false);
  const forEver = outcome(object.compute(Number.POSITIVE_INFINITY));
  const ended = server.join().then(() => server.exitCode);
  await manager[Symbol.asyncDispose]();
  expect([await ended, await forEver]).toEqual([-9, expect.any(ManagerLostError)]);
});

test('large values go to and fro', async () => {
  const manager = await started();
  const bytes = new Uint8Array(20_000_000).fill(7);
  const list = await manager.list<Uint8Array>();
  await list.push(bytes);
  expect(Buffer.compare((await list.at(0)) as Uint8Array, bytes)).toBe(0);
  expect(Buffer.compare(list.sync.at(0) as Uint8Array, bytes)).toBe(0);
});

test('connections can be in a managed object, and come out in another process or here', async () => {
  const manager = await started();
  const [ours, theirs] = Pipe();
  const list = await manager.list<unknown>();
  await list.push(theirs);
  theirs.close();
  const back = (await list.pop()) as typeof theirs;
  await back.send('hello');
  expect(await ours.recv()).toBe('hello');
  back.close();
  ours.close();
});

test('a proxy of one manager can be in an object of another', async () => {
  const [first, second] = [await started(), await started('spawn', { authkey: 'another key' })];
  const inner = await second.list([1]);
  const outer = await first.dict<string, ListProxy<number>>([['inner', inner]]);
  inner[Symbol.dispose]();
  const back = (await outer.get('inner')) as ListProxy<number>;
  await back.push(2);
  expect(await back.values()).toEqual([1, 2]);
});

test('who says what nobody understands is turned away, and the others are served', async () => {
  const manager = await started();
  const list = await manager.list([1]);
  const address = manager.address as string;
  const { familyKey } = await import('@mp/process/internal');
  for (const garbage of [null, {}, { version: 1 }, { version: 9, client: 'x', pid: 1, ring: false }, 'x'.repeat(1e5)]) {
    const connection = await Client(address, { authkey: familyKey(), codec: 'trusted' });
    await connection.send(garbage);
    expect(await outcome(connection.recv())).toMatchObject({ code: expect.stringMatching(/EOF|LOST/) });
    connection.close();
  }
  for (const garbage of [null, [], [1, 0, 'x'], [0, 99], [1, 0, 1, 'push', 'no list', false], [-1, 1, 'dict', []]]) {
    const connection = await Client(address, { authkey: familyKey(), codec: 'trusted' });
    await connection.send({ version: 1, client: 'a stranger', pid: 1, ring: false });
    await connection.recv();
    await connection.send(garbage);
    expect(await outcome(connection.recv())).toMatchObject({ code: expect.stringMatching(/EOF|LOST/) });
    connection.close();
  }
  expect(await list.values()).toEqual([1]);
});

const modern = pythons.find(({ onlyMd5 }) => !onlyMd5);

test.runIf(modern)('a manager of Python is said to need its serializer', async () => {
  const program = new PythonProgram(
    modern!,
    `
from multiprocessing.managers import BaseManager
s = BaseManager(address=('127.0.0.1', 0), authkey=b'k').get_server()
print(s.address[1])
s.serve_forever()`,
  );
  const address = ['127.0.0.1', Number(await program.line())] as const;
  const error = (await outcome(new SyncManager({ address, authkey: 'k' }).connect())) as Error;
  expect(error).toBeInstanceOf(ManagerLostError);
  expect(error.message).toContain('serializer');
});

test('what is no manager is said to be none', async () => {
  const listener = new Listener(undefined, { authkey: 'k', codec: 'trusted' });
  onTestFinished(() => listener.close());
  const connecting = outcome(new SyncManager({ address: listener.address, authkey: 'k' }).connect());
  const connection = await listener.accept();
  await connection.send('who are you?');
  expect(await connecting).toBeInstanceOf(ManagerLostError);
  connection.close();
});

test('a program that forgets its manager ends, and the server with it', async () => {
  const program = startNode(new URL('./fixtures/forgotten.ts', import.meta.url));
  const [, pid] = await program.says(/server (\d+) 2/);
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  await until(() => !isRunning(Number(pid)));
});

test('a server does not outlive a program that is killed', async () => {
  const program = startNode({
    code: `
      import { Manager } from '@mp/managers';
      const manager = await Manager();
      console.log('server', manager.process.pid);
      setInterval(() => {}, 1000);`,
  });
  const [, pid] = await program.says(/server (\d+)/);
  program.kill();
  await program.ended;
  await until(() => !isRunning(Number(pid)));
  expect(isRunning(Number(pid))).toBe(false);
});

test.runIf(startMethods.includes('fork'))(
  'a forked child uses the proxies that it has inherited, and the parent its own',
  async () => {
    const manager = await started();
    const dict: DictProxy<string, number> = await manager.dict();
    dict.sync.set('before', 0);
    const child = new Process({
      target: async () => {
        await dict.set('child', process.pid);
        dict.sync.set('sync', 1);
      },
      context: getContext('fork'),
    });
    await child.start();
    await dict.set('parent', 1);
    await child.join();
    expect(child.exitCode).toBe(0);
    child.close();
    expect((await dict.keys()).toSorted()).toEqual(['before', 'child', 'parent', 'sync']);
    dict[Symbol.dispose]();
    await until(async () => (await manager.numberOfObjects()) === 0);
  },
);

const CROWD = Number(process.env.MP_CROWD ?? 1000);

type Stranger = Awaited<ReturnType<typeof Client<unknown, unknown>>>;

/** What clients do, all of which have the key. */
const VISITS: readonly ((stranger: Stranger, i: number) => Promise<unknown>)[] = [
  async (stranger) => stranger.close(),
  async () => 'it stays, and says nothing',
  async (stranger, i) => stranger.send(hello(i)),
  async (stranger, i) => {
    await stranger.send(hello(i));
    await stranger.recv();
    await stranger.send([1, 1, 'Lock', []]);
    // It ends with the answer unread.
    stranger.close();
  },
  async (stranger, i) => {
    await stranger.send(hello(i));
    await stranger.recv();
    // It waits for an item that never comes, and for the lock that the one before it has not given back.
    await stranger.send([1, 0, QUEUE, 'get', [], false]);
    await stranger.send([2, 0, LOCK, 'acquire', [], false]);
  },
  async (stranger, i) => {
    await stranger.send(hello(i, true));
    await stranger.recv();
    await stranger.send(null);
    // The descriptors of its ring are on their way.
    stranger.close();
  },
];

const hello = (i: number, ring = false): object => ({ version: 1, client: `client ${i}`, pid: i, ring });

/** The numbers of the first objects that a server makes. */
const [LIST, QUEUE, LOCK] = [1, 2, 3];

test(`${CROWD} clients come, die or stay, and the server goes on serving`, { timeout: 180_000 }, async () => {
  const manager = await started();
  const list = await manager.list<number>();
  const queue = await manager.Queue<string>();
  const lock = await manager.Lock();
  expect(await manager.debugInfo()).toMatch(new RegExp(`${LIST}: list[^]*${QUEUE}: Queue[^]*${LOCK}: Lock`));
  const folder = `/proc/${manager.process!.pid}/fd`;
  const before = readdirSync(folder).length;
  const { familyKey } = await import('@mp/process/internal');
  const strangers: Stranger[] = [];
  onTestFinished(() => strangers.forEach((stranger) => void stranger.close()));
  for (let i = 0; i < CROWD; i++) {
    const stranger = await Client<unknown, unknown>(manager.address as string, {
      authkey: familyKey(),
      codec: 'trusted',
    });
    strangers.push(stranger);
    await VISITS[i % VISITS.length]!(stranger, i);
    if (i % 20 === 0) await list.push(i);
  }
  expect(await list.length()).toBe(Math.ceil(CROWD / 20));
  for (const stranger of strangers) stranger.close();
  // Those who had the lock, or waited for it, are gone, and so is what they have made.
  expect(await lock.acquire()).toBe(true);
  await until(async () => (await manager.numberOfObjects()) === 3, { what: 'the locks of the others to be let go' });
  const item = queue.get();
  await queue.put('for nobody else');
  expect(await item).toBe('for nobody else');
  await until(() => readdirSync(folder).length <= before, { what: 'the descriptors to be given back' });
});

test('a client that never stops calling does not keep others waiting', async () => {
  const server = new SyncManager({ address: ['127.0.0.1', 0], authkey: 'k' }).getServer();
  onTestFinished(() => server.stop());
  server.start();
  const eager = await Client<unknown, unknown>(server.address, { authkey: 'k' });
  onTestFinished(() => eager.close());
  await eager.send(hello(1));
  await eager.recv();
  // To give up a call that there is not: nobody waits for an answer before the last one.
  for (let i = 0; i < 100_000; i++) void eager.send([0, 3, i + 2]);
  const answer = eager.send([1, 2, 'ping']).then(() => eager.recv());
  let turns = 0;
  const turn = (): void => {
    turns++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  expect(await answer).toEqual([1, 0, undefined]);
  clearImmediate(next);
  expect(turns).toBeGreaterThan(5);
});

const KILLS = Number(process.env.MP_KILLS ?? 8);

test('clients are killed at any moment, in the lock or waiting for it, and the others go on', async () => {
  const manager = await started();
  const lock = await manager.Lock();
  const value = await manager.Value<number>('i', 0);
  const said = await manager.Queue<number>();
  const context = getContext(startMethods.includes('fork') ? 'fork' : 'spawn');
  const start = async (): Promise<Process> => {
    const child = new Process({ target: countForever, args: [lock, value, said], context }) as Process;
    await child.start();
    expect(await said.get()).toBe(child.pid);
    return child;
  };
  const end = async (child: Process): Promise<void> => {
    child.kill();
    await child.join();
    child.close();
  };
  const children = [await start(), await start()];
  onTestFinished(() => Promise.all(children.map(end)).then(() => {}));
  for (let i = 0; i < KILLS; i++) {
    const before = await value.get();
    const enough = before + Math.floor(Math.random() * 20);
    await until(async () => (await value.get()) > enough, { limit: 60_000 });
    await end(children.shift()!);
    children.push(await start());
  }
  for (const child of children.splice(0)) await end(child);
  expect(await lock.acquire({ timeout: 50_000 })).toBe(true);
  await lock.release();
  await until(async () => !/refcount=([2-9]|\d\d)/.test(await manager.debugInfo()));
  expect(await manager.numberOfObjects()).toBe(3);
});
