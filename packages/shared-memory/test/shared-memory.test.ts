import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ClosedError, ProcessError } from '@mp/errors';
import { dumps, Pickler, PicklingError } from '@mp/reduction';
import { checkLeaks, nodeChild, startNode, until } from '@mp/testing';
import { pythons } from '@mp/testing/python';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NoSharedMemoryError, SharedMemory, SharedMemoryExistsError } from '../src/index.ts';
import { Peer, startMethods } from './fixtures/peers.ts';
import { python } from './fixtures/python.ts';

checkLeaks({ sharedMemoryNames: /^psm_/ });

const attacher = new URL('./fixtures/attacher.ts', import.meta.url);
let count = 0;
const newName = (): string => `mp_test_${process.pid}_${count++}`;
const descriptors = (): number => readdirSync('/proc/self/fd').length;

function make(size = 100, name?: string): SharedMemory {
  const memory = new SharedMemory({ name, create: true, size });
  onTestFinished(() => {
    memory.close();
    if (existsSync(`/dev/shm/${memory.name}`)) memory.unlink();
  });
  return memory;
}

describe('shared memory with a name', () => {
  test('is made with the size that was asked for, zeros, a name like that of CPython, and for this user only', () => {
    const memory = make(1001);
    expect(memory.name).toMatch(/^psm_[0-9a-f]{8}$/);
    expect(memory.size).toBe(1001);
    expect(memory.buf.length).toBe(1001);
    expect(memory.buf.every((byte) => byte === 0)).toBe(true);
    expect(statSync(`/dev/shm/${memory.name}`)).toMatchObject({ size: 1001 });
    expect(statSync(`/dev/shm/${memory.name}`).mode & 0o777).toBe(0o600);
  });

  test('is one memory for all who attach by its name, with or without a slash', () => {
    const memory = make(100, newName());
    const [one, two] = [
      new SharedMemory({ name: memory.name }),
      new SharedMemory({ name: `/${memory.name}`, size: 5 }),
    ];
    one.buf[3] = 9;
    new Float64Array(memory.buf.buffer, 8, 2)[1] = 0.5;
    expect(two.buf[3]).toBe(9);
    expect(new DataView(two.buf.buffer).getFloat64(16, true)).toBe(0.5);
    expect([two.size, two.name]).toEqual([100, memory.name]);
    one.close();
    two.close();
  });

  test('stays for others when one closes it, and when it is unlinked', () => {
    const memory = make();
    const other = new SharedMemory({ name: memory.name });
    memory.close();
    other.buf[0] = 1;
    other.unlink();
    expect(() => new SharedMemory({ name: memory.name })).toThrow(NoSharedMemoryError);
    expect(other.buf[0]).toBe(1);
    other.close();
  });

  test('is not destroyed by a process that has attached to it and ends', async () => {
    const memory = make();
    const { code, stderr } = await nodeChild(attacher, { args: ['write', memory.name!] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(existsSync(`/dev/shm/${memory.name}`)).toBe(true);
    expect(memory.buf[0]).toBe(77);
  });

  test('keeps its name, and nothing else, when its creator is killed', async () => {
    const name = newName();
    const child = startNode(attacher, { args: ['create', name] });
    await child.says('created');
    child.kill('SIGKILL');
    await child.ended;
    const memory = new SharedMemory({ name });
    expect(memory.buf[0]).toBe(66);
    memory.unlink();
    memory.close();
  });
});

describe('closing', () => {
  test('with live views crashes nothing: they are empty, and the memory says that it is closed', () => {
    const memory = make();
    const view = new Int32Array(memory.buf.buffer, 0, 4);
    const data = new DataView(memory.buf.buffer);
    const bytes = memory.buf;
    memory.close();
    expect([view.length, view[0], bytes.length]).toEqual([0, undefined, 0]);
    view[0] = 1;
    expect(() => data.getInt8(0)).toThrow(TypeError);
    expect(() => Atomics.load(view, 0)).toThrow();
    expect(() => memory.buf).toThrow(ClosedError);
    expect(() => memory.buf).toThrow(/was closed by this process/);
    expect(memory.closed).toBe(true);
  });

  test('twice is no harm; a scope closes at its end, and unlinks nothing', () => {
    const memory = make();
    memory[Symbol.dispose]();
    memory.close();
    expect(existsSync(`/dev/shm/${memory.name}`)).toBe(true);
    memory.unlink();
  });

  test('gives the descriptor back, and so does forgetting', async () => {
    const before = descriptors();
    (() => {
      const memory = SharedMemory.anonymous(10);
      expect(memory.buf[0]).toBe(0);
    })();
    expect(descriptors()).toBe(before + 1);
    await until(async () => {
      globalThis.gc?.();
      await turn();
      return descriptors() === before;
    });
  });

  test('is not needed for views to stay: they keep the memory when the object was forgotten', async () => {
    const before = descriptors();
    const bytes = (() => SharedMemory.anonymous(10).buf)();
    bytes[0] = 5;
    await until(async () => {
      globalThis.gc?.();
      await turn();
      return descriptors() === before;
    });
    expect(bytes[0]).toBe(5);
  });
});

describe('what is wrong is an error', () => {
  test('a name that exists, one that does not, and unlinking twice', () => {
    const memory = make();
    const again = (): SharedMemory => new SharedMemory({ name: memory.name, create: true, size: 1 });
    expect(again).toThrow(SharedMemoryExistsError);
    expect(again).toThrow(expect.objectContaining({ code: 'EEXIST', sharedMemoryName: memory.name }));
    memory.unlink();
    expect(() => memory.unlink()).toThrow(NoSharedMemoryError);
    expect(() => new SharedMemory({ name: memory.name })).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(() => new SharedMemory({ name: memory.name })).toThrow(ProcessError);
  });

  test('anonymous memory of which the machine can never have so much', () => {
    const refused = expect.objectContaining({ name: 'RangeError', code: 'ENOMEM' });
    for (const size of [2 ** 50, Number.MAX_SAFE_INTEGER]) expect(() => SharedMemory.anonymous(size)).toThrow(refused);
  });

  test.each([
    [{ create: true }, "'size' must be a positive number different from zero"],
    [{ create: true, size: 0 }, "'size' must be a positive number different from zero"],
    [{ create: true, size: -5 }, "'size' must be a positive integer"],
    [{ create: true, size: 1.5 }, "'size' must be a positive integer"],
    [{ create: true, size: 2 ** 50 }, 'more than'],
    [undefined as never, 'the name can only be left out with create: true'],
    [{}, 'the name can only be left out with create: true'],
    [{ name: null }, 'the name can only be left out with create: true'],
    [{ name: 5 as never }, 'the name must be a string, not number'],
    [{ name: 'a/b' }, 'slash'],
    [{ name: '' }, 'name'],
    [{ name: 'a\0b' }, 'name'],
    [{ name: '..' }, 'name'],
    [{ name: 'x'.repeat(300) }, 'longer than'],
  ])('%j', (options, message) => {
    const before = descriptors();
    expect(() => new SharedMemory(options)).toThrow(message);
    expect(descriptors()).toBe(before);
  });

  test('something empty', () => {
    const name = newName();
    writeFileSync(`/dev/shm/${name}`, '');
    expect(() => new SharedMemory({ name })).toThrow(/is empty/);
    rmSync(`/dev/shm/${name}`);
  });
});

describe.each(startMethods)('%s: in a message', (method) => {
  test.each(['named', 'unlinked', 'anonymous'])('%s memory arrives, and outlives its sender', async (kind) => {
    const peer = new Peer(method);
    const memory = kind === 'anonymous' ? SharedMemory.anonymous(50) : make(50);
    if (kind === 'unlinked') memory.unlink();
    memory.buf[1] = 5;
    const answer = await peer.do<SharedMemory>('increment', memory, 1);
    expect([answer.name, answer.size, answer.buf[1], memory.buf[1]]).toEqual([memory.name, 50, 6, 6]);
    memory.close();
    await peer.kill();
    expect(answer.buf[1]).toBe(6);
    answer.close();
  });
});

test('closed memory cannot be sent, nor can any without a transport that carries descriptors', () => {
  const memory = SharedMemory.anonymous(1);
  expect(() => dumps(memory)).toThrow(PicklingError);
  memory.close();
  expect(() => new Pickler().pickle(memory)).toThrow(/was closed by this process/);
});

test('it shows its name and size', () => {
  const memory = make(10, newName());
  expect(inspect(memory)).toBe(`SharedMemory('${memory.name}', size=10)`);
  const anonymous = SharedMemory.anonymous(3);
  anonymous.unlink();
  anonymous.close();
  expect(inspect(anonymous)).toBe('SharedMemory(anonymous, size=3, closed)');
});

describe.each(pythons)('$name', ({ path }) => {
  test('attaches to ours by its name, reads, and writes', async () => {
    const memory = make(100);
    memory.buf.set([1, 2, 3], 0);
    const said = await python(
      path,
      'm = SharedMemory(sys.argv[1]); say([m.size, list(m.buf[:4])]); m.buf[3] = 250; m.close()',
      memory.name!,
    );
    expect(said).toEqual([[100, [1, 2, 3, 0]]]);
    expect(memory.buf[3]).toBe(250);
  });

  test('leaves its own to us, which can be unlinked here', async () => {
    const [[name]] = (await python(
      path,
      'm = SharedMemory(create=True, size=33); m.buf[32] = 9; say([m.name]); m.close()',
    )) as [[string]];
    const memory = new SharedMemory({ name });
    expect([memory.size, memory.buf[32]]).toEqual([33, 9]);
    memory.close();
    memory.unlink();
    expect(existsSync(`/dev/shm/${name}`)).toBe(false);
  });
});
