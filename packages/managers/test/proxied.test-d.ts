import {
  type AsyncResultProxy,
  BaseManager,
  type BaseProxy,
  type ConditionProxy,
  type DictProxy,
  getValue,
  getValueSync,
  type IteratorProxy,
  type ListProxy,
  type LockProxy,
  Manager,
  type NamespaceProxy,
  type PoolProxy,
  type Proxied,
  type QueueProxy,
  type SyncManager,
  type ValueProxy,
} from '@mp/managers';
import { expectTypeOf, test } from 'vitest';

class Maths {
  add(a: number, b: number): number {
    return a + b;
  }

  async later(text: string): Promise<boolean> {
    return text !== '';
  }

  *squares(count: number): Generator<number, void, undefined> {
    yield count;
  }

  all(...numbers: readonly number[]): number {
    return numbers.length;
  }

  readonly field = 1;

  _hidden(): void {}
}

declare const maths: Proxied<Maths>;
declare const manager: SyncManager;

test('a proxy has the public methods, returning promises; those under sync return values', () => {
  expectTypeOf(maths.add).toEqualTypeOf<(a: number, b: number) => Promise<number>>();
  expectTypeOf(maths.sync.add).toEqualTypeOf<(a: number, b: number) => number>();
  expectTypeOf(maths.later).toEqualTypeOf<(text: string) => Promise<boolean>>();
  expectTypeOf(maths.sync.later).toEqualTypeOf<(text: string) => boolean>();
  expectTypeOf(maths.squares).returns.resolves.toEqualTypeOf<IteratorProxy<number>>();
  expectTypeOf(maths.all).toEqualTypeOf<(...numbers: readonly number[]) => Promise<number>>();
  // @ts-expect-error: arguments are checked
  void maths.add('1', 2);
  expectTypeOf<keyof Proxied<Maths>>().extract<'field' | '_hidden'>().toBeNever();
});

test('a manager has a method for each type that was registered with it', () => {
  const Class = BaseManager.register('Maths', { create: Maths }).register('make', { create: (x: string) => [x] });
  const typed = new Class();
  expectTypeOf(typed.Maths).parameters.toEqualTypeOf<[]>();
  expectTypeOf(typed.Maths()).resolves.toEqualTypeOf<Proxied<Maths>>();
  expectTypeOf(typed.make).parameters.toEqualTypeOf<[x: string]>();
});

test('what is exposed is what the proxy has, with an underscore too', () => {
  const Class = BaseManager.register('Maths', { create: Maths, exposed: ['add', '_hidden'] });
  const typed = new Class();
  expectTypeOf(typed.Maths()).resolves.toEqualTypeOf<Proxied<Maths, 'add' | '_hidden'>>();
  expectTypeOf<keyof Proxied<Maths, 'add' | '_hidden'>>().extract<string>().toEqualTypeOf<'add' | '_hidden' | 'sync'>();
  expectTypeOf<Proxied<Maths, 'add' | '_hidden'>['sync']['_hidden']>().toEqualTypeOf<() => void>();
});

test('a proxy of a built-in collection has its methods', () => {
  expectTypeOf<Proxied<number[]>['at']>().toEqualTypeOf<(index: number) => Promise<number | undefined>>();
  expectTypeOf<Proxied<Map<string, number>>['get']>().toEqualTypeOf<(key: string) => Promise<number | undefined>>();
});

test('a method of methodToTypeid returns a proxy, all others what arrives', () => {
  class Garden {
    maths(): Maths {
      return new Maths();
    }
    size(): number {
      return 1;
    }
  }
  const Class = BaseManager.register('Garden', { create: Garden, methodToTypeid: { maths: 'Maths' } });
  const garden = new Class().Garden();
  expectTypeOf(garden.then((g) => g.maths())).resolves.toEqualTypeOf<Proxied<Maths>>();
  expectTypeOf(garden.then((g) => g.sync.maths().sync.add(1, 2))).resolves.toBeNumber();
  expectTypeOf(garden.then((g) => g.size())).resolves.toBeNumber();
});

test('whoever only connects says what the type is', () => {
  const connected = new BaseManager();
  expectTypeOf(connected.create<Maths>('Maths')).resolves.toEqualTypeOf<Proxied<Maths>>();
  expectTypeOf(connected.createSync<Maths>('Maths')).toEqualTypeOf<Proxied<Maths>>();
  expectTypeOf(connected.create('Maths')).resolves.toEqualTypeOf<BaseProxy>();
});

test('a copy of a container is typed as its proxy is', () => {
  const dict = null as unknown as DictProxy<string, number>;
  const list = null as unknown as ListProxy<string>;
  expectTypeOf(getValue(dict)).resolves.toEqualTypeOf<Map<string, number>>();
  expectTypeOf(getValueSync(list)).toEqualTypeOf<string[]>();
  expectTypeOf(getValue(maths)).resolves.toBeUnknown();
});

test('what is in a container is known by type', () => {
  expectTypeOf(Manager()).resolves.toEqualTypeOf<SyncManager>();
  const dict = null as unknown as DictProxy<string, number>;
  expectTypeOf(dict.get('a')).resolves.toEqualTypeOf<number | undefined>();
  expectTypeOf(dict.sync.get('a')).toEqualTypeOf<number | undefined>();
  expectTypeOf(manager.list([1])).resolves.toEqualTypeOf<ListProxy<number>>();
  // @ts-expect-error: values are checked
  void dict.set('a', 'text');
});

test('tasks of a managed pool are checked against their functions', () => {
  const pool = null as unknown as PoolProxy;
  const add = (a: number, b: number): number => a + b;
  const later = async (text: string): Promise<boolean> => text !== '';
  expectTypeOf(manager.Pool(2)).resolves.toEqualTypeOf<PoolProxy>();
  expectTypeOf(pool.apply(add, [1, 2])).resolves.toEqualTypeOf<number>();
  expectTypeOf(pool.sync.map(later, ['a'])).toEqualTypeOf<boolean[]>();
  expectTypeOf(pool.starmap(add, [[1, 2]])).resolves.toEqualTypeOf<number[]>();
  expectTypeOf(pool.imap(later, ['a'])).resolves.toEqualTypeOf<IteratorProxy<boolean>>();
  expectTypeOf(pool.applyAsync(later, ['a'])).resolves.toEqualTypeOf<AsyncResultProxy<boolean>>();
  expectTypeOf(pool.applyAsync(later, ['a']).then((result) => result.get())).resolves.toEqualTypeOf<boolean>();
  // @ts-expect-error: arguments are checked
  void pool.apply(add, ['1', 2]);
  // @ts-expect-error: items are checked
  void pool.map(later, [1]);
});

test('synchronizers take what they take in their own package, and return what those return', () => {
  expectTypeOf(manager.Lock()).resolves.toEqualTypeOf<LockProxy>();
  const lock = null as unknown as LockProxy;
  expectTypeOf(lock.acquire({ timeout: 1 })).resolves.toEqualTypeOf<boolean>();
  expectTypeOf(lock.withLock(() => 5)).resolves.toEqualTypeOf<number>();
  expectTypeOf(lock.sync.withLock(() => 'a')).toEqualTypeOf<string>();
  const queue = null as unknown as QueueProxy<{ id: number }>;
  expectTypeOf(queue.get()).resolves.toEqualTypeOf<{ id: number }>();
  expectTypeOf(queue.sync.get()).toEqualTypeOf<{ id: number }>();
  // @ts-expect-error: items are checked
  void queue.put({ id: 'x' });
  const condition = null as unknown as ConditionProxy;
  expectTypeOf(condition.waitFor(() => [1] as number[] | undefined)).resolves.toEqualTypeOf<number[] | undefined>();
  const namespace = null as unknown as NamespaceProxy<{ x: number }>;
  expectTypeOf(namespace.get('x')).resolves.toEqualTypeOf<number>();
  expectTypeOf(namespace.sync.x).toEqualTypeOf<number>();
  // @ts-expect-error: there is no y
  void namespace.get('y');
  const value = null as unknown as ValueProxy<number>;
  expectTypeOf(value.sync.value).toEqualTypeOf<number>();
});
