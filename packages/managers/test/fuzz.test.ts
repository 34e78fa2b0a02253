import { type Address, Client, type Connection, Listener, pickleCodec } from '@mp/connection';
import { BaseManager, BaseProxy, type Proxied, SyncManager } from '@mp/managers';
import { dumps } from '@mp/reduction';
import { checkLeaks, until } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';
import { Random } from './fixtures/random.ts';
import { outcome } from './managers.ts';

checkLeaks();

/** `MP_FUZZ_ROUNDS=100000` goes on for a long time; `MP_FUZZ_SEED` repeats a run. */
const ROUNDS = Number(process.env.MP_FUZZ_ROUNDS ?? 150);
/** Requests of a stranger before it leaves. */
const REQUESTS = 20;
const KEY = 'k';

class Target {
  echo(value: unknown): unknown {
    return value;
  }

  fail(value: unknown): never {
    throw value;
  }

  never(): Promise<void> {
    return new Promise(() => {});
  }

  *count(): Generator<number> {
    for (let i = 0; ; i++) yield i;
  }
}

const METHODS = ['echo', 'fail', 'never', 'count', 'next', 'return', 'get', 'put', 'acquire', 'release', 'wait'];
const STRANGE = ['#value', '#text', '__proto__', 'constructor', 'then', 'sync', '__init__', '#GETVALUE', '__str__', ''];
const TYPES = ['Target', 'dict', 'list', 'set', 'Queue', 'Lock', 'RLock', 'Condition', 'Barrier', 'Value', 'Nothing'];

const TICKETS = [0, 1, 2, 3, 4, 2 ** 40];

/** What a client that knows the protocol, and nothing else, may say. */
function request(random: Random): unknown {
  const number = random.of([0, 1, 1, 2, 3, random.below(10), -1, 0.5, '1', null]);
  const object = random.of([1, 1, random.below(30), -1, 2 ** 53, null, '1', {}]);
  const method = random.of([...METHODS, ...STRANGE, 1, null]);
  const args = random.of<unknown>([
    [],
    random.some(3, () => random.value()),
    random.some(2, () => random.value()),
    5,
    null,
  ]);
  const forms: unknown[] = [
    [number, 0, object, method, args, random.of([true, false, false, 1])],
    [number, 0, 1, random.of(METHODS), random.some(2, () => random.value()), random.below(2) === 0],
    [number, 1, random.of(TYPES), random.of<unknown>([[], random.some(2, () => random.value()), null])],
    [number, 2, random.of(['ping', 'numberOfObjects', 'debugInfo', 'nothing', 'constructor', 5])],
    [0, 3, random.below(5)],
    [0, 4, random.of([1, 1000]), random.of(TICKETS)],
    [0, 5, random.below(30), random.of(['stranger', 'nobody', '']), random.below(10)],
    [0, 6, random.below(30)],
    [0, 7, random.of([0, random.below(2000)])],
    random.value(),
  ];
  return random.of(forms);
}

/** The same for Python's protocol. */
function pythonRequest(random: Random): unknown {
  const tuple = (...items: unknown[]): readonly unknown[] => Object.freeze(items);
  const ident = random.of([null, '1', '1', String(random.below(30)), '__proto__', 1]);
  const servers = ['create', 'incref', 'decref', 'get_methods', 'number_of_objects', 'debug_info', 'dummy'];
  const method = random.of<unknown>([...servers, 'accept_connection', ...METHODS, ...STRANGE, '__getitem__', 1]);
  const args = random.of<unknown>([
    tuple(),
    tuple(random.of(TYPES)),
    tuple(...random.some(3, () => random.value())),
    random.value(),
  ]);
  const keywords = random.of([{}, {}, { timeout: 0 }, { block: false }, random.value()]);
  return random.of([tuple(ident, method, args, keywords), tuple(ident, method, args, {}), random.value()]);
}

class TargetManager extends SyncManager.register('Target', { create: Target }) {}

interface Served {
  readonly address: Address;
  readonly proxy: Proxied<Target>;
  numberOfObjects(): number;
}

/** A server in this process, so that whatever it does not catch fails the test, and somebody who uses it. */
async function served(serializer: 'node' | 'python', trusted: boolean): Promise<Served> {
  const server = new TargetManager({ address: ['127.0.0.1', 0], authkey: KEY, serializer, trusted }).getServer();
  onTestFinished(() => server.stop());
  server.start();
  const manager = new TargetManager({ address: server.address, authkey: KEY, serializer, trusted });
  await manager.connect();
  onTestFinished(() => manager.shutdown());
  const proxy = (await manager.create('Target')) as Proxied<Target>;
  return { address: server.address, proxy, numberOfObjects: () => server.numberOfObjects };
}

test.each([
  ['plain data', false],
  ['a trusted codec', true],
])('random requests with %s end a connection at the most, and leave nothing behind', async (_, trusted) => {
  const { address, proxy, numberOfObjects } = await served('node', trusted);
  const random = new Random();
  for (let round = 0; round < ROUNDS; round++) {
    const what = `seed ${random.seed}, round ${round}`;
    const stranger = await Client<unknown, unknown>(address, {
      authkey: KEY,
      codec: trusted ? 'trusted' : 'plain',
      maxFrame: 1 << 20,
    });
    const hello = random.below(8) === 0 ? random.value() : { version: 1, client: 'stranger', pid: 1, ring: false };
    await outcome(stranger.send(hello));
    for (let i = 0; i < REQUESTS; i++) {
      const said = request(random);
      // Another ticket than those that are redeemed in the end would keep its object.
      const isTicket = Array.isArray(said) && said[1] === 4;
      const damaged = random.below(10) === 0 && !isTicket ? random.damage(dumps(said)) : undefined;
      await outcome(damaged === undefined ? stranger.send(said) : stranger.sendBytes(damaged));
    }
    if (random.below(2) === 0) await outcome(stranger.recv({ timeout: 1 }));
    stranger.close();
    expect(await proxy.echo(round), what).toBe(round);
  }
  // Tickets would keep the object for a minute: somebody may still receive what the stranger has sent.
  const redeemer = await Client<unknown, unknown>(address, { authkey: KEY });
  await redeemer.send({ version: 1, client: 'redeemer', pid: 1, ring: false });
  for (const ticket of TICKETS) await redeemer.send([0, 5, 1, 'stranger', ticket]);
  redeemer.close();
  await until(() => numberOfObjects() === 0, { what: 'what strangers have made to go with them' });
});

test('random requests of Python clients end a connection at the most, and others are served', async () => {
  const { address, proxy } = await served('python', false);
  const random = new Random();
  const { pickle } = pickleCodec();
  for (let round = 0; round < ROUNDS; round++) {
    const stranger = await Client<unknown, unknown>(address, { authkey: KEY, codec: 'pickle' });
    const calls = random.below(3) > 0;
    const accept = Object.freeze([null, 'accept_connection', Object.freeze(['stranger']), {}]);
    if (calls) await outcome(stranger.send(accept));
    // Each waits for the answer to the one before, or is the last.
    for (let i = calls ? 3 : 0; i >= 0; i--) {
      const { bytes, start, end } = pickle(pythonRequest(random));
      const said = bytes.slice(start, end);
      await outcome(stranger.sendBytes(random.below(5) === 0 ? random.damage(said) : said));
    }
    if (random.below(2) === 0) await outcome(stranger.recv({ timeout: 1 }));
    stranger.close();
    expect(await proxy.echo(round), `seed ${random.seed}, round ${round}`).toBe(round);
  }
});

/** Answers of a server, or what looks like them. */
function response(random: Random): unknown {
  return random.of<unknown>([
    [random.below(6), random.below(5), random.value()],
    [random.below(6), random.of([0, 1]), random.value()],
    [random.value(), random.value(), random.value()],
    random.value(),
  ]);
}

const pythonResponse = (random: Random): unknown =>
  Object.freeze([random.of(['#RETURN', '#ERROR', '#PROXY', '#TRACEBACK', '#UNSERIALIZABLE', 1, '']), random.value()]);

test.each(['node', 'python'] as const)(
  'a server that answers at random (%s) leaves no call waiting',
  async (serializer) => {
    const random = new Random();
    const codec = serializer === 'python' ? 'pickle' : 'plain';
    const listener = new Listener<unknown, unknown>(['127.0.0.1', 0], { authkey: KEY, codec });
    onTestFinished(() => listener.close());
    const answer = async (connection: Connection<unknown, unknown>): Promise<void> => {
      try {
        await connection.recv();
        if (serializer === 'node') await connection.send({ server: `server ${random.below(1e9)}`, ring: false });
        else await connection.send(Object.freeze(['#RETURN', null]));
        for (let i = 0; i < 4; i++) {
          await connection.recv();
          await connection.send(serializer === 'node' ? response(random) : pythonResponse(random));
        }
      } catch {
        // It has had enough of us.
      }
      connection.close();
    };
    const accepting = (async () => {
      for await (const connection of listener) void answer(connection);
    })();
    for (let round = 0; round < ROUNDS / 3; round++) {
      const manager = new BaseManager({ address: listener.address, authkey: KEY, serializer });
      await manager.connect();
      const what = `seed ${random.seed}, round ${round}`;
      const calls = [manager.create('Target'), manager.create('dict'), manager.numberOfObjects(), manager.debugInfo()];
      // All of them come to an end; and what is said to be a proxy is one.
      for (const made of (await Promise.allSettled(calls)).slice(0, 2)) {
        if (made.status === 'fulfilled') expect(made.value, what).toBeInstanceOf(BaseProxy);
      }
      await manager.shutdown();
    }
    listener.close();
    await accepting;
  },
);
