import { type Address, Client, ClientSync, type Connection, type Family, type NetworkOptions } from '@mp/connection';
import { EOFError } from '@mp/errors';
import { checkLeaks } from '@mp/testing';
import { type Python, PythonProgram, pythons } from '@mp/testing/python';
import { describe, expect, test } from 'vitest';
import { pattern } from '../fixtures/pipes.ts';
import { closedAfterTest, families, listenerOf } from './fixtures/network.ts';

checkLeaks();

const key = 'a secret of ours';

/** What Python calls an address. */
const inPython = (address: Address): string =>
  typeof address === 'string' ? JSON.stringify(address) : `(${JSON.stringify(address[0])}, ${address[1]})`;

const optionsFor = ({ onlyMd5 }: Python): NetworkOptions => ({ authkey: key, codec: 'pickle', allowMd5: onlyMd5 });

/** multiprocessing.connection has no IPv6. */
const pythonFamilies = families.filter((family) => family !== 'AF_INET6');

const echo = `
while True:
    try:
        data = c.recv_bytes()
    except EOFError:
        break
    c.send_bytes(data)
`;

/** A listener of Python's, and what it does with the one connection `c`. */
async function pythonServer(python: Python, family: Family, body: string): Promise<[Address, PythonProgram]> {
  const program = new PythonProgram(
    python,
    `
import json
from multiprocessing.connection import Listener
l = Listener(family='${family}', authkey=b'${key}')
print(json.dumps(l.address))
c = l.accept()
${body}
c.close()
l.close()
`,
  );
  return [JSON.parse(await program.line()) as Address, program];
}

/** Something of everything that has a counterpart. */
const PYTHON_VALUE = `[None, True, False, 0, 1, -1, 255, 256, 65535, 65536, -2**31, 2**31, 2**53 - 1, 2**53, -2**63, 10**40, -10**40,
  0.5, -0.0, 1e300, float('inf'), '', 'text', 'üñ\\U0001f600', '\\ud800', b'', b'\\x00\\xff', [], [[1], [2]], (), (1,), (1, 2), (1, 2, 3),
  (1, 2, 3, 4), {}, {'a': {'b': [1]}}, {1: 'one', (1, 2): 'tuple', None: 0}, set(), {1, 2}, frozenset({3})]`;

const OUR_VALUE = [
  null,
  true,
  false,
  0,
  1,
  -1,
  255,
  256,
  65_535,
  65_536,
  -(2 ** 31),
  2 ** 31,
  2 ** 53 - 1,
  2n ** 53n,
  -(2n ** 63n),
  10n ** 40n,
  -(10n ** 40n),
  0.5,
  -0,
  1e300,
  Number.POSITIVE_INFINITY,
  '',
  'text',
  'üñ\u{1f600}',
  '\ud800',
  new Uint8Array(),
  Uint8Array.of(0, 255),
  [],
  [[1], [2]],
  [],
  [1],
  [1, 2],
  [1, 2, 3],
  [1, 2, 3, 4],
  new Map(),
  new Map([['a', new Map([['b', [1]]])]]),
  new Map<unknown, unknown>([
    [1, 'one'],
    [[1, 2], 'tuple'],
    [null, 0],
  ]),
  new Set(),
  new Set([1, 2]),
  new Set([3]),
];

describe.each(pythons)('$name', (python) => {
  describe.each(pythonFamilies)('over %s', (family) => {
    test('as a client: raw bytes and objects', async () => {
      const listener = listenerOf(family, optionsFor(python));
      const program = new PythonProgram(
        python,
        `
from multiprocessing.connection import Client
c = Client(${inPython(listener.address)}, authkey=b'${key}')
c.send_bytes(b'hello')
assert c.recv_bytes() == b'raw', 'bytes'
assert c.recv() == {'answer': [1, 2.5, 'x', None]}, 'object'
c.send(${PYTHON_VALUE})
assert c.recv() == ${PYTHON_VALUE}, 'echo'
try:
    c.recv()
except EOFError:
    print('end')
`,
      );
      const connection = closedAfterTest(await listener.accept());
      expect((await connection.recvBytes()).toString()).toBe('hello');
      await connection.sendBytes(Buffer.from('raw'));
      await connection.send({ answer: [1, 2.5, 'x', null] });
      const value = await connection.recv();
      expect(value).toEqual(OUR_VALUE);
      await connection.send(value);
      connection.close();
      expect(await program.ended, program.stderr).toBe(0);
      expect(program.stdout).toBe('end\n');
    });

    test.each(['Client', 'ClientSync'])('as a server, for %s', async (form) => {
      const [address, program] = await pythonServer(python, family, echo);
      const connection: Connection = closedAfterTest(
        form === 'Client' ? await Client(address, optionsFor(python)) : ClientSync(address, optionsFor(python)),
      );
      for (const length of [0, 1, 16_384, 16_385, 3_000_000]) {
        const bytes = pattern(length);
        const sent = connection.sendBytes(bytes);
        expect((await connection.recvBytes()).equals(bytes)).toBe(true);
        await sent;
      }
      await connection.send(OUR_VALUE);
      expect(await connection.recv()).toEqual(OUR_VALUE);
      connection.close();
      expect(await program.ended, program.stderr).toBe(0);
    });
  });

  test('every protocol from 2 to 5 is read', async () => {
    const [address] = await pythonServer(
      python,
      'AF_UNIX',
      `
import pickle
for protocol in range(2, 6):
    c.send_bytes(pickle.dumps(${PYTHON_VALUE}, protocol))
    c.send_bytes(pickle.dumps([bytearray(b'ab'), b'\\xe9', frozenset([(1,)])], protocol))
c.recv_bytes()`,
    );
    const connection = closedAfterTest(await Client(address, optionsFor(python)));
    for (let protocol = 2; protocol <= 5; protocol++) {
      expect(await connection.recv(), `protocol ${protocol}`).toEqual(OUR_VALUE);
      expect(await connection.recv()).toEqual([Buffer.from('ab'), Uint8Array.of(0xe9), new Set([[1]])].map(plain));
    }
    await connection.sendBytes(Buffer.alloc(0));
  });

  test('values that share and contain each other do so on the other side', async () => {
    const [address] = await pythonServer(
      python,
      'AF_UNIX',
      `
shared = {'n': 1}
loop = [shared, shared]
loop.append((loop,))
c.send(loop)
back = c.recv()
assert back[0] is back[1] and back[2][0] is back, 'identity'
assert type(back[2]) is tuple
back[0]['n'] = 2
c.send(back)`,
    );
    const connection = closedAfterTest(await Client(address, optionsFor(python)));
    const loop = (await connection.recv()) as unknown[];
    expect(loop[0]).toBe(loop[1]);
    expect((loop[2] as unknown[])[0]).toBe(loop);
    expect(Object.isFrozen(loop[2])).toBe(true);
    await connection.send(loop);
    expect(((await connection.recv()) as [Map<string, number>])[0].get('n')).toBe(2);
  });

  test('types keep their names: tuples, sets, integers', async () => {
    const [address, program] = await pythonServer(python, 'AF_UNIX', 'print(repr(c.recv()))\nc.recv_bytes()');
    const connection = closedAfterTest(await Client(address, optionsFor(python)));
    await connection.send([
      Object.freeze([1, 'a']),
      Object.freeze([]),
      Object.freeze(new Set([1])),
      new Map<unknown, unknown>([[Object.freeze([1]), { a: 1 }]]),
      1,
      1.5,
      2n ** 64n,
      -0,
      undefined,
      Buffer.from('b'),
      new ArrayBuffer(1),
      '\udc80',
    ]);
    expect(await program.line()).toBe(
      String.raw`[(1, 'a'), (), frozenset({1}), {(1,): {'a': 1}}, 1, 1.5, 18446744073709551616, -0.0, None, b'b', b'\x00', '\udc80']`,
    );
    await connection.sendBytes(Buffer.alloc(0));
  });

  test('a wrong key is an error on both sides, as a client and as a server', async () => {
    const rejected: Error[] = [];
    const listener = listenerOf('AF_INET', { ...optionsFor(python), onRejected: (error) => rejected.push(error) });
    const accepting = listener.accept().catch(() => {});
    const client = new PythonProgram(
      python,
      `
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
try:
    Client(${inPython(listener.address)}, authkey=b'wrong')
except AuthenticationError as e:
    print(e)`,
    );
    expect(await client.line()).toBe('digest sent was rejected');
    expect(rejected[0]).toMatchObject({ code: 'ERR_MP_AUTHENTICATION' });
    listener.close();
    await accepting;
    const [address] = await pythonServer(python, 'AF_INET', '');
    await expect(Client(address, { ...optionsFor(python), authkey: 'wrong' })).rejects.toThrow(/rejected our proof/);
  });

  test('what is no plain data is refused, never executed, and harms nothing', async () => {
    const [address] = await pythonServer(
      python,
      'AF_UNIX',
      `
import os, datetime, collections
class Evil:
    def __reduce__(self):
        return (os.system, ('echo executed > /tmp/mp-evil',))
class Plain:
    pass
for value in [Evil(), [1, Evil()], datetime.date(2020, 1, 1), collections.OrderedDict(a=1), 1j, range(3), print, len, int, Plain(), KeyError('x')]:
    c.send(value)
c.send('still here')
c.recv_bytes()`,
    );
    const connection = closedAfterTest(await Client(address, optionsFor(python)));
    const refused: string[] = [];
    for (let i = 0; i < 11; i++) {
      refused.push(await connection.recv().then(String, (error: { code: string; message: string }) => error.message));
    }
    expect(refused).toEqual(
      [
        'posix.system',
        'posix.system',
        'datetime.date',
        'collections.OrderedDict',
        'builtins.complex',
        'builtins.range',
        'builtins.print',
        'builtins.len',
        'builtins.int',
        '__main__.Plain',
        'builtins.KeyError',
      ].map((name) => expect.stringContaining(`sent ${name}, and only plain data is accepted`)),
    );
    expect(await connection.recv()).toBe('still here');
    await connection.sendBytes(Buffer.alloc(0));
  });

  test('a Python that is killed is noticed, in the middle of a message too', async () => {
    const [address, program] = await pythonServer(
      python,
      'AF_UNIX',
      "c.recv_bytes()\nprint('got')\nimport time\ntime.sleep(60)",
    );
    const connection = closedAfterTest(await Client(address, optionsFor(python)));
    const receiving = connection.recv();
    await connection.sendBytes(Buffer.from('go'));
    expect(await program.line()).toBe('got');
    program.kill();
    await expect(receiving).rejects.toBeInstanceOf(EOFError);
    await expect(connection.sendBytes(Buffer.alloc(1_000_000))).rejects.toMatchObject({ code: 'EPIPE' });

    const listener = listenerOf('AF_UNIX', optionsFor(python));
    const half = new PythonProgram(
      python,
      `
import os, time
from multiprocessing.connection import Client
c = Client(${inPython(listener.address)}, authkey=b'${key}')
os.write(c.fileno(), (1000).to_bytes(4, 'big') + b'only a part')
print('written')
time.sleep(60)`,
    );
    const cut = closedAfterTest(await listener.accept());
    expect(await half.line()).toBe('written');
    half.kill();
    await expect(cut.recvBytes()).rejects.toMatchObject({ code: 'ERR_MP_CONNECTION_LOST' });
  });
});

const plain = (value: unknown): unknown => (Buffer.isBuffer(value) ? new Uint8Array(value) : value);
