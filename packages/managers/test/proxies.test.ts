import { Pipe } from '@mp/connection';
import { getContext } from '@mp/context';
import { AbortError, TimeoutError } from '@mp/errors';
import {
  AutoProxy,
  callMethod,
  callMethodSync,
  type DictProxy,
  describe as describeProxy,
  exposedMethods,
  getValue,
  getValueSync,
  type ListProxy,
  ManagerLostError,
  RemoteError,
  within,
} from '@mp/managers';
import { Process } from '@mp/process';
import { dumps, loads, PicklingError } from '@mp/reduction';
import { checkLeaks, until } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Wrong } from './fixtures/maths.ts';
import { change, changeInside, getAndForget, keep, returnProxy } from './fixtures/workers.ts';
import { outcome, started } from './managers.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

/** Runs something in a child, to its end. */
async function runs(child: Process): Promise<void> {
  await child.start();
  await child.join();
  const { exitCode } = child;
  child.close();
  expect(exitCode).toBe(0);
}

const collect = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
};

describe.each(startMethods)('by %s', (method) => {
  const context = getContext(method);

  test('proxies are sent to children, which change the object', async () => {
    const manager = await started(method);
    const dict = await manager.dict<unknown, unknown>();
    const list = await manager.list([0, 1, 2, 3]);
    await runs(new Process({ target: change, args: [dict, list], context }) as Process);
    expect(await getValue(dict)).toEqual(
      new Map<unknown, unknown>([
        [1, '1'],
        ['2', 2],
        [0.25, null],
      ]),
    );
    expect(getValueSync(list)).toEqual([3, 2, 1, 0]);
  });

  test('a proxy that came out of a proxy in another process works there', async () => {
    const manager = await started(method);
    const inner = await manager.dict<string, number>();
    const outer = await manager.dict([['inner', inner]] as [string, DictProxy<string, number>][]);
    await runs(new Process({ target: changeInside, args: [outer], context }) as Process);
    expect(await inner.get('seen')).toBe(1);
  });

  test('proxies of a manager with a key of its own work in other processes', async () => {
    const manager = await started(method, { authkey: 'a key of its own' });
    const dict = await manager.dict<unknown, unknown>();
    await runs(new Process({ target: change, args: [dict, await manager.list([1])], context }) as Process);
    expect(await dict.size()).toBe(3);
  });

  test('an object lives while another process has a proxy of it, and no longer', async () => {
    const manager = await started(method);
    const [ours, theirs] = Pipe();
    onTestFinished(() => ours.close());
    const dict = await manager.dict([['a', 7]]);
    const child = new Process({ target: keep, args: [dict, theirs], context });
    await child.start();
    theirs.close();
    expect(await ours.recv()).toBe(7);
    dict[Symbol.dispose]();
    expect(await outcome(dict.get('a'))).toMatchObject({ message: expect.stringContaining('was released') });
    expect(await manager.numberOfObjects()).toBe(1);
    child.kill();
    await child.join();
    child.close();
    await until(async () => (await manager.numberOfObjects()) === 0);
  });

  test('a proxy that a child passes on is kept alive on its way back', async () => {
    const manager = await started(method);
    const [ours, theirs] = Pipe();
    onTestFinished(() => ours.close());
    const child = new Process({ target: returnProxy, args: [theirs], context });
    await child.start();
    theirs.close();
    const dict = await manager.dict([['a', 7]]);
    await ours.send(dict);
    dict[Symbol.dispose]();
    await child.join();
    expect(child.exitCode).toBe(0);
    child.close();
    const back = (await ours.recv()) as DictProxy<string, number>;
    expect(await back.get('a')).toBe(7);
    back[Symbol.dispose]();
    await until(async () => (await manager.numberOfObjects()) === 0);
  });
});

test('a call goes on when its proxy is collected meanwhile', async () => {
  const manager = await started();
  const [ours, theirs] = Pipe();
  onTestFinished(() => ours.close());
  const queue = await manager.Queue<string>();
  const child = new Process({ target: getAndForget, args: [theirs] });
  await child.start();
  theirs.close();
  await ours.send(queue);
  expect(await ours.recv()).toBe('collected');
  await queue.put('item');
  expect(await ours.recv()).toBe('item');
  await child.join();
  expect(child.exitCode).toBe(0);
  child.close();
});

test('a proxy that was forgotten is collected, and its object with it', async () => {
  const manager = await started();
  await (async () => {
    await (await manager.list([1])).push(2);
  })();
  await until(async () => {
    await collect();
    return (await manager.numberOfObjects()) === 0;
  });
  expect(await manager.debugInfo()).toBe('');
});

test('an object in a container lives as long as that, and is released with it', async () => {
  const manager = await started();
  const outer = await manager.list<unknown>();
  const inner = await manager.list([1, 2]);
  await outer.push(inner);
  inner[Symbol.dispose]();
  const again = (await outer.at(0)) as ListProxy<number>;
  expect(await again.values()).toEqual([1, 2]);
  again[Symbol.dispose]();
  expect(await manager.numberOfObjects()).toBe(1);
  outer[Symbol.dispose]();
  expect(await manager.numberOfObjects()).toBe(0);
});

test('a list may contain itself', async () => {
  const manager = await started();
  const list = await manager.list<unknown>();
  await list.push(list);
  const inner = (await list.at(0)) as ListProxy<unknown>;
  expect(await inner.length()).toBe(1);
  expect(await describeProxy(list)).toContain('ListProxy');
});

test('a pickled proxy may be unpickled more than once', async () => {
  const manager = await started();
  const list = await manager.list([1]);
  const bytes = dumps(list);
  const [first, second] = [(await loads(bytes)) as ListProxy<number>, (await loads(bytes)) as ListProxy<number>];
  await first.push(2);
  list[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(await second.values()).toEqual([1, 2]);
  second[Symbol.dispose]();
  expect(await manager.numberOfObjects()).toBe(0);
});

test('a proxy in a message that could not be sent keeps nothing alive', async () => {
  const manager = await started();
  const maths = await manager.Maths();
  const list = await manager.list<unknown>([1]);
  const unsendable = [list, () => 1];
  expect(await outcome(maths.add(unsendable as never, 1))).toBeInstanceOf(PicklingError);
  expect(() => maths.sync.add(unsendable as never, 1)).toThrow(PicklingError);
  list[Symbol.dispose]();
  await until(async () => (await manager.numberOfObjects()) === 1);
  expect(await manager.debugInfo()).not.toContain('list');
});

test('plain values inside are copies', async () => {
  const list = await (await started()).list<{ a: number }>([{ a: 1 }]);
  const copy = (await list.at(0)) as { a: number };
  copy.a = 2;
  expect(await list.at(0)).toEqual({ a: 1 });
  await list.set(0, copy);
  expect(await list.at(0)).toEqual({ a: 2 });
});

test('errors of methods arrive with class, fields and the place where they happened', async () => {
  const maths = await (await started()).Maths();
  const error = (await outcome(maths.fail(3))) as Wrong;
  expect(error).toBeInstanceOf(Wrong);
  expect(error.operand).toBe(3);
  expect(error.stack).toMatch(/maths\.ts:\d+[\s\S]+at TestManager-\d+ \(pid \d+\): Maths\.fail\(\)/);
  expect(() => maths.sync.fail(4)).toThrow('wrong: 4');
});

test('a result that cannot travel is an error that says why, and nothing else suffers', async () => {
  const maths = await (await started()).Maths();
  const error = (await outcome(maths.closure())) as RemoteError;
  expect(error).toBeInstanceOf(RemoteError);
  expect(error.cause).toBeInstanceOf(PicklingError);
  expect(await maths.add(1, 1)).toBe(2);
});

test('an argument that cannot travel is a PicklingError, and other calls of the moment are answered', async () => {
  const maths = await (await started()).Maths();
  const all = [maths.add(1, 1), maths.add(1, (() => 1) as never), maths.slowly('a'), maths.add(2, 2)];
  const [first, refused, slow, last] = await Promise.all(all.map((each) => outcome(each)));
  expect([first, slow, last]).toEqual([2, 'a', 4]);
  expect(refused).toMatchObject({ name: 'PicklingError', path: 'args[1]' });
  expect(() => maths.sync.add(1, (() => 1) as never)).toThrow('`args[1]` cannot be pickled');
});

test('methods without an underscore are exposed, and no others', async () => {
  const maths = await (await started()).Maths();
  expect('_secret' in maths).toBe(false);
  expect(exposedMethods(maths)).toContain('add');
  expect(exposedMethods(maths)).not.toContain('_secret');
  expect(await outcome(callMethod(maths, '_secret'))).toBeInstanceOf(RemoteError);
  expect(await outcome(callMethod(maths, 'constructor'))).toBeInstanceOf(RemoteError);
  expect(callMethodSync(maths, 'add', [1, 2])).toBe(3);
});

test('a proxy as text shows that it is one, also if its object has a toString', async () => {
  const plain = await (await started()).Plain();
  expect(exposedMethods(plain)).toContain('toString');
  expect(`${plain}`).toBe("<AutoProxy object, typeid 'Plain'>");
});

test('a plain object exposes its functions', async () => {
  const plain = await (await started()).Plain();
  expect(await callMethod(plain, 'double', [4])).toBe(8);
  expect('field' in plain).toBe(false);
});

test('a method of methodToTypeid returns a proxy', async () => {
  const maths = await (await started()).Maths();
  const counter = await maths.counter();
  expect(counter).toBeInstanceOf(AutoProxy);
  await counter.increment();
  expect(await (await maths.counter()).increment()).toBe(2);
});

test('what a method returned becomes an object of the registered class, if it is none yet', async () => {
  const maths = await (await started()).Maths();
  const numbers = (await maths.numbers()) as unknown as ListProxy<number>;
  await numbers.insert(1, 7);
  expect(await getValue(numbers)).toEqual([1, 7, 2, 3]);
  expect(await numbers.length()).toBe(4);
});

test('a generator stays in the server and is iterated from here, in both forms', async () => {
  const maths = await (await started()).Maths();
  const squares: number[] = [];
  for await (const square of await maths.squares(4)) squares.push(square);
  expect(squares).toEqual([0, 1, 4, 9]);
  expect([...maths.sync.squares(4).sync]).toEqual([0, 1, 4, 9]);
  for await (const square of await maths.squares(1e9)) if (square > 10) break;
});

test('many calls are under way at once, and each gets its own answer', async () => {
  const maths = await (await started()).Maths();
  const results = await Promise.all(
    Array.from({ length: 500 }, (_, i) => (i % 3 === 0 ? maths.slowly(String(i)) : maths.add(i, 0))),
  );
  expect(results).toEqual(Array.from({ length: 500 }, (_, i) => (i % 3 === 0 ? String(i) : i)));
});

test('a time-out and a signal end a call, and the method learns of it', async () => {
  const maths = await (await started()).Maths();
  expect(await outcome(within(maths, { timeout: 20 }).forever())).toBeInstanceOf(TimeoutError);
  expect(() => within(maths, { timeout: 20 }).sync.forever()).toThrow(TimeoutError);
  const controller = new AbortController();
  const waiting = outcome(within(maths, { signal: controller.signal }).forever());
  controller.abort('enough');
  expect(await waiting).toMatchObject({ name: 'AbortError', cause: 'enough' });
  expect(await outcome(within(maths, { signal: AbortSignal.abort() }).add(1, 1))).toBeInstanceOf(AbortError);
  const counter = await maths.counter();
  expect(await counter.increment()).toBe(4);
});

test('a time-out may be as long as one likes, but has to be one', async () => {
  const maths = await (await started()).Maths();
  expect(await within(maths, { timeout: 1e12 }).add(1, 1)).toBe(2);
  expect(await outcome(within(maths, { timeout: Number.NaN }).add(1, 1))).toBeInstanceOf(TypeError);
});

test('a signal in the options of a call reaches the method', async () => {
  const maths = await (await started()).Maths();
  const controller = new AbortController();
  const waiting = outcome(maths.withOptions({ signal: controller.signal }));
  await maths.add(0, 0);
  controller.abort();
  // It has ended well in that moment: its result is not lost.
  expect(await waiting).toBe('seen');
});

test('a client over TCP hears of a server that dies', async () => {
  const manager = await started('spawn', { address: ['127.0.0.1', 0], authkey: 'k' });
  const maths = await manager.Maths();
  const waiting = outcome(maths.forever());
  await maths.add(1, 1);
  manager.process!.kill();
  expect(await waiting).toBeInstanceOf(ManagerLostError);
});
