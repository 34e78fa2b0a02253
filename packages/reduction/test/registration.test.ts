import { describe, expect, test } from 'vitest';
import {
  dumps,
  loads,
  loadsSync,
  Pickler,
  PicklingError,
  register,
  registerAs,
  registerLocal,
  Unpickler,
  UnpicklingError,
} from '../src/index.ts';
import { Money, Unnamed } from './fixtures/registering.ts';
import { inAnotherProcess } from './other-process.ts';
import { refusalOf } from './refusals.ts';

const there = <T>(value: T): T => loadsSync(dumps(value)) as T;

/** A resource, as a Connection or a Lock will be. */
class File {
  readonly fd: number;
  closed = false;
  #secret = true;
  constructor(fd: number) {
    this.fd = fd;
  }
  get secret(): boolean {
    return this.#secret;
  }
  [Symbol.dispose](): void {
    this.closed = true;
  }
}
const rebuilt: File[] = [];
register(File, {
  name: 'test/File',
  reduce: (file, context) => ({ at: context.descriptor(file.fd) }),
  rebuild: ({ at }, context) => {
    const file = new File(context.descriptor(at));
    rebuilt.push(file);
    return file;
  },
});

class Bare {
  readonly fd: number;
  constructor(fd: number) {
    this.fd = fd;
  }
}
register(Bare, {
  name: 'test/Bare',
  reduce: (bare, context) => context.descriptor(bare.fd),
  rebuild: (at, context) => new Bare(context.descriptor(at)),
});

class Odd {
  readonly how: string;
  extra: unknown;
  constructor(how: string, extra?: unknown) {
    this.how = how;
    this.extra = extra;
  }
}
register(Odd, {
  name: 'test/Odd',
  reduce: (odd) => {
    if (odd.how === 'reduce throws') throw new RangeError('not today');
    if (odd.how === 'reduce returns itself') return { how: odd.how, extra: odd };
    if (odd.how === 'reduce never ends') return { how: odd.how, extra: new Odd(odd.how) };
    if (odd.how === 'reduce is async') return { how: odd.how, extra: Promise.resolve() };
    if (odd.how === 'reduce pickles') return { how: odd.how, extra: dumps(odd.extra) };
    return { how: odd.how, extra: odd.extra };
  },
  rebuild: ({ how, extra }, context) => {
    if (how === 'rebuild throws') throw new RangeError('not here');
    if (how === 'rebuild returns nothing') return undefined as unknown as Odd;
    if (how === 'rebuild is async') return Promise.resolve(new Odd(how)) as unknown as Odd;
    if (how === 'rebuild asks for more') return new Odd(how, context.descriptor(7));
    if (how === 'rebuild unpickles') return new Odd(how, loadsSync(extra as Uint8Array));
    return new Odd(how, extra);
  },
});

describe('register', () => {
  test('an instance travels as its reduced data, also with private members', async () => {
    const value = [new Money(5), { again: new Money(7) }, new Unnamed().set(3)];
    const [a, b, c] = there(value) as [Money, { again: Money }, Unnamed];
    expect([a.cents, b.again.cents, c.value()]).toEqual([5, 7, 3]);
    expect(await inAnotherProcess(value, '[arrived[0].cents, arrived[1].again.cents, arrived[2].value()]')).toEqual([
      5, 7, 3,
    ]);
    expect(await inAnotherProcess(value, 'arrived[0].cents', { by: 'loadsSync' })).toBe(5);
  });

  test('an instance that is met twice arrives once', () => {
    const money = new Money(1);
    const [a, b] = there([money, { money }]) as [Money, { money: Money }];
    expect(b.money).toBe(a);
  });

  test('reduced data is pickled like any other value, registered instances included', () => {
    const value = new Odd('nested', new Map([[new Money(1), [new Odd('inner', new Set([1]))]]]));
    const arrived = there(value);
    const [[money, [inner]]] = [...(arrived.extra as Map<Money, [Odd]>)] as [[Money, [Odd]]];
    expect(money.cents).toBe(1);
    expect(inner.extra).toEqual(new Set([1]));
  });

  test('data may refer to the object that contains the instance', () => {
    const owner: { odd?: Odd; name: string } = { name: 'owner' };
    owner.odd = new Odd('owned', owner);
    const arrived = there(owner);
    expect(arrived.odd?.extra).toBe(arrived);
  });

  test('a registered class is a value too', () => {
    expect(there(Money)).toBe(Money);
    expect(there(Bare)).toBe(Bare);
  });

  test('a registration holds for its class and not for subclasses, which are refused until they are registered', () => {
    class Coins extends Money {}
    expect(refusalOf(new Coins(1)).message).toContain(
      'inherits from `Money`, which is registered, but a registration holds for one class only',
    );
    register(Coins, { name: 'test/Coins', reduce: (coins) => coins.cents, rebuild: (cents) => new Coins(cents) });
    expect(there(new Coins(2))).toBeInstanceOf(Coins);
  });

  test('a receiver that has not registered the class says so', async () => {
    expect(await inAnotherProcess(new Bare(1).constructor, 'arrived')).toMatch(
      /UnpicklingError: .*the class registered as 'test\/Bare', but no class is registered under that name here. Call register/,
    );
  });

  test('a name belongs to one class, and to a class only', () => {
    expect(() => register(class Other {}, { name: 'test/File', reduce: () => 1, rebuild: () => ({}) })).toThrow(
      'another class, File, has the name',
    );
    expect(() => register({} as never, { reduce: () => 1, rebuild: () => ({}) })).toThrow(TypeError);
    expect(() => register(class A {}, { reduce: () => 1 } as never)).toThrow('needs both reduce and rebuild');
    expect(() => register(class A {}, { untrusted: true, reduce: () => 1, rebuild: () => ({}) })).toThrow(
      'needs a name',
    );
  });
});

describe('a reduce that misbehaves is a PicklingError with the path, and the pickler goes on working:', () => {
  test.each([
    [
      'reduce throws',
      /`value\[0\]\.odd` cannot be pickled: it is of the registered class `Odd`, whose reduce threw RangeError: not today/,
    ],
    [
      'reduce returns itself',
      /`value\[0\]\.odd\.reduce\(\)\.extra` cannot be pickled: it is contained in what its own `reduce` returned/,
    ],
    ['reduce never ends', /is nested more than 250 levels deep in data that must arrive in one piece/],
    ['reduce is async', /`value\[0\]\.odd\.reduce\(\)\.extra` cannot be pickled: it is a Promise/],
  ])('%s', (how, message) => {
    const error = refusalOf([{ odd: new Odd(how) }]);
    expect(error.message).toMatch(message);
    if (how === 'reduce throws') expect(error.cause).toEqual(new RangeError('not today'));
    expect(there([new Odd('fine', 1)])).toMatchObject([{ extra: 1 }]);
  });
});

describe('a rebuild that misbehaves is an UnpicklingError, and the unpickler goes on working:', () => {
  test.each([
    ['rebuild throws', /rebuild of the class 'test\/Odd' threw RangeError: not here/],
    ['rebuild returns nothing', /rebuild of the class 'test\/Odd' returned undefined instead of an object/],
    ['rebuild is async', /rebuild of the class 'test\/Odd' returned a promise: it must be synchronous/],
    [
      'rebuild asks for more',
      /rebuild of the class 'test\/Odd' threw UnpicklingError: The message came with 0 descriptors; number 7 is not among them/,
    ],
  ])('%s', (how, message) => {
    const bytes = dumps([new Odd(how)]);
    expect(() => loadsSync(bytes)).toThrow(UnpicklingError);
    expect(() => loadsSync(bytes)).toThrow(message);
    expect(there([new Odd('fine', 1)])).toMatchObject([{ extra: 1 }]);
  });
});

test('reduce may pickle and rebuild may unpickle', () => {
  const inner = { list: [1, new Map([['k', new Money(4)]])] };
  const bytes = dumps([new Odd('reduce pickles', inner), 'after']);
  const [odd, after] = loadsSync(bytes) as [Odd, string];
  expect(loadsSync(odd.extra as Uint8Array)).toEqual(loadsSync(dumps(inner)));
  expect(after).toBe('after');
  const [opened] = there([new Odd('rebuild unpickles', dumps(inner)), 'after']) as [Odd, string];
  expect(opened.extra).toMatchObject({ list: [1, new Map([['k', {}]])] });
});

describe('file descriptors', () => {
  const pickler = new Pickler();
  const unpickler = new Unpickler();

  test('travel beside the message, in order, and belong to whoever takes them', () => {
    const { bytes, start, end, descriptors } = pickler
      .pickle([new File(30), { b: new Bare(40) }, new File(30)])
      .detach();
    expect(descriptors).toEqual([30, 40, 30]);
    const incoming = { bytes, start, end, descriptors: [5, 6, 7, 8] as readonly number[] } as Parameters<
      Unpickler['finish']
    >[0];
    const [a, { b }, c] = unpickler.finish(incoming) as [File, { b: Bare }, File];
    expect([a.fd, b.fd, c.fd]).toEqual([5, 6, 7]);
    expect(incoming.unclaimed).toEqual([8]);
  });

  test('that nobody asks for are reported, also for plain and for corrupt messages', () => {
    for (const value of [[1, 2], new Map()]) {
      const incoming: Parameters<Unpickler['finish']>[0] = { ...pickler.pickle(value).detach(), descriptors: [3, 4] };
      unpickler.finish(incoming);
      expect(incoming.unclaimed).toEqual([3, 4]);
    }
    for (const bytes of [new Uint8Array(0), Uint8Array.of(9, 9), Uint8Array.of(0x47, 0xc0, 0x92)]) {
      const incoming: Parameters<Unpickler['finish']>[0] = { bytes, start: 0, end: bytes.length, descriptors: [3, 4] };
      expect(() => unpickler.finish(incoming)).toThrow(UnpicklingError);
      expect(incoming.unclaimed).toEqual([3, 4]);
    }
  });

  test('are let go of when the message fails later on', () => {
    rebuilt.length = 0;
    const { bytes, start, end } = pickler.pickle([new File(30), new Bare(40), new Odd('rebuild throws')]).detach();
    const incoming: Parameters<Unpickler['finish']>[0] = { bytes, start, end, descriptors: [5, 6, 7] };
    expect(() => unpickler.finish(incoming)).toThrow('not here');
    // The File has closed its own; nobody else could close those of the Bare.
    expect(rebuilt.map(({ fd, closed }) => [fd, closed])).toEqual([[5, true]]);
    expect(incoming.unclaimed).toEqual([6, 7]);
  });

  test('that are attached to an error field that cannot travel are not sent', () => {
    const error = Object.assign(new Error('e'), { files: [new File(30), () => 1], file: new File(31) });
    const { descriptors } = pickler.pickle(error);
    expect(descriptors).toEqual([31]);
  });

  test('cannot be put into self-contained bytes', () => {
    expect(() => dumps([new File(3)])).toThrow(PicklingError);
    expect(() => dumps([new File(3)])).toThrow('Send it through a Connection');
  });

  test('must be descriptors', () => {
    for (const fd of [-1, 1.5, Number.NaN, '3' as unknown as number]) {
      expect(refusalOf(new Bare(fd)).message).toContain('context.descriptor(fd) needs an open file descriptor');
    }
  });

  test('cannot be taken twice, nor after rebuild has returned', async () => {
    class Greedy {
      take: () => number;
      constructor(take: () => number) {
        this.take = take;
      }
    }
    let twice = true;
    register(Greedy, {
      name: 'test/Greedy',
      reduce: (_, context) => context.descriptor(0),
      rebuild: (at, context) => {
        if (twice) context.descriptor(at);
        if (twice) context.descriptor(at);
        return new Greedy(() => context.descriptor(at));
      },
    });
    const { bytes, start, end } = pickler.pickle(new Greedy(() => 0)).detach();
    const incoming = (): Parameters<Unpickler['finish']>[0] => ({ bytes, start, end, descriptors: [9] });
    expect(() => unpickler.finish(incoming())).toThrow('Descriptor number 0 of the message was taken twice');
    twice = false;
    const late = incoming();
    const greedy = unpickler.finish(late) as Greedy;
    expect(() => greedy.take()).toThrow('after rebuild had returned');
    expect(late.unclaimed).toEqual([9]);
    await expect(loads(bytes)).resolves.toBeInstanceOf(Greedy);
  });
});

class Counted {}
let holders = 0;
register(Counted, {
  name: 'test/Counted',
  reduce: (_, context) => {
    holders++;
    context.ifNotSent(() => holders--);
    return null;
  },
  rebuild: () => new Counted(),
});

test('who has counted the receiver in advance is told when the message is not made, or the transport says it was not sent', () => {
  expect(() => dumps([new Counted(), () => {}])).toThrow(PicklingError);
  expect(() => dumps([new Counted(), new File(1)])).toThrow(PicklingError);
  expect(holders).toBe(0);
  // Of an error what can travel does, and the rest does not.
  dumps(Object.assign(new Error('two'), { first: new Counted(), second: [new Counted(), () => {}] }));
  expect(holders).toBe(1);
  const { ifNotSent } = new Pickler().pickle([new Counted(), new Counted()]);
  expect(holders).toBe(3);
  for (const undo of ifNotSent ?? []) undo();
  expect(holders).toBe(1);
  expect(new Pickler().pickle(1).ifNotSent).toBeUndefined();
});

test('instances travel as what another class makes of their data, and their class is still itself', () => {
  class Closed {
    readonly #value: unknown;
    constructor(value: unknown) {
      this.#value = value;
    }
    get value(): unknown {
      return this.#value;
    }
  }
  class Derived extends Closed {}
  class Stranger {}
  register(Closed, {
    name: 'test/Closed',
    reduce: ({ value }): unknown => [null, value],
    rebuild: (data) => new ((data as [typeof Closed | null, unknown])[0] ?? Closed)((data as unknown[])[1]),
  });
  registerAs(Derived, Closed, (derived: Derived) => [null, `derived ${String(derived.value)}`]);
  const [first, second] = there([new Closed(1), new Derived(2)] as const);
  expect([first, second].map((each) => each.constructor)).toEqual([Closed, Closed]);
  expect([first.value, second.value]).toEqual([1, 'derived 2']);
  expect(() => registerAs(Derived, Stranger, () => null)).toThrow(TypeError);
});

test('an instance of a class by the name of a registered one is refused with the question whether there are two copies', () => {
  const other = (() => {
    class File {
      #fd = 3;
      get fd(): number {
        return this.#fd;
      }
    }
    return new File();
  })();
  expect(refusalOf(other).message).toMatch(
    /is not the `File` that is registered. Is its package installed twice \(npm ls\)\?/,
  );
});

describe('an instance of a class that is local', () => {
  class Database {
    readonly #path = 'a.db';
    get path(): string {
      return this.#path;
    }
  }
  class Cache extends Database {}
  class Copyable extends Database {}
  registerLocal(Database, 'is open here. Pass its path, and open it there');
  register(Copyable, { name: 'test/Copyable', reduce: () => null, rebuild: () => new Copyable() });

  test('is refused with the path, the reason and the cure, and so is one of a derived class', () => {
    expect(refusalOf({ list: [new Database()] })).toMatchObject({
      path: 'value.list[0]',
      message:
        '`value.list[0]` cannot be pickled: it is an instance of `Database`, which is open here. Pass its path, and open it there.',
    });
    expect(refusalOf(new Cache())).toMatchObject({
      message: expect.stringMatching(/: it inherits from `Database`, which is open here\./),
    });
  });

  test('travels if its own class is registered', () => {
    expect(loadsSync(dumps(new Copyable()))).toBeInstanceOf(Copyable);
  });

  test('needs a class and a reason', () => {
    expect(() => registerLocal({} as never, 'stays')).toThrow(/needs a class/);
    expect(() => registerLocal(Cache, '')).toThrow(/needs to know why/);
  });
});
