/** Every function, every argument, everything that it cannot be. */
import { checkLeaks } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as native from '../src/index.ts';
import { closedAfterTest, testSocketPair, testWords } from './descriptors.ts';

checkLeaks();

const NOT_A_NUMBER = [undefined, null, '1', true, {}, [], 1n, Symbol('1'), () => 1, new Date()];
const NOT_AN_INTEGER = [Number.NaN, 0.5, -0.5, 1e300, -1e300, Number.NEGATIVE_INFINITY, 2 ** 53];
const INVALID_TYPE = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const OUT_OF_RANGE = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };

type Wrong = readonly [value: unknown, error: { name: string; code: string }];
const types = (values: readonly unknown[]): Wrong[] => values.map((value) => [value, INVALID_TYPE] as const);
const ranges = (values: readonly unknown[]): Wrong[] => values.map((value) => [value, OUT_OF_RANGE] as const);

const integer = (min: number, max: number): Wrong[] => [
  ...types(NOT_A_NUMBER),
  ...ranges([...NOT_AN_INTEGER, Number.POSITIVE_INFINITY]),
  ...ranges([min - 1, max === Number.MAX_SAFE_INTEGER ? max + 1 : max + 1]),
];
const descriptor = integer(0, 2 ** 31 - 1);
const size = integer(0, Number.MAX_SAFE_INTEGER);
const timeout = types([...NOT_A_NUMBER, Number.NaN]);
const boolean = types([null, 0, 1, 'true', {}, []]);
const int32array = types([...NOT_A_NUMBER, new Uint32Array(3), new Uint8Array(12), new DataView(new ArrayBuffer(12))]);
const uint8array = types([...NOT_A_NUMBER, new Int8Array(12), new Int32Array(3), new DataView(new ArrayBuffer(12))]);
const wrongLengths = [0, 1, 129, 4096].map((length): Wrong => [new Uint8Array(length), OUT_OF_RANGE]);
const optional = (wrongs: Wrong[]): Wrong[] => wrongs.filter(([value]) => value !== undefined);

/** What a call is made with when everything is right, and for each argument its name and what is wrong. */
interface Call {
  readonly of: (...args: never[]) => unknown;
  readonly good: () => unknown[];
  readonly args: readonly (readonly [name: string, wrongs: readonly Wrong[]])[];
}

const bell = (): number => closedAfterTest(native.createDoorbell());
const memory = (): number => closedAfterTest(native.createMemory(4096));
const words = (): Int32Array => testWords().words;
const unixSocket = (): number => closedAfterTest(native.openSocket(1));
/** Of a unix socket, for which the kernel then finds a name. */
const UNNAMED = Uint8Array.of(1, 0);
const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;

function testMapping(): native.Mapping {
  const mapping = native.Mapping.of(memory(), 4096);
  onTestFinished(() => mapping.close());
  return mapping;
}

const calls: Record<string, Call> = {
  closeDescriptor: { of: native.closeDescriptor, good: () => [bell()], args: [['fd', descriptor]] },
  duplicateDescriptor: {
    of: (fd: number) => closedAfterTest(native.duplicateDescriptor(fd)),
    good: () => [bell()],
    args: [['fd', descriptor]],
  },
  descriptorSize: { of: native.descriptorSize, good: () => [bell()], args: [['fd', descriptor]] },
  setCloseOnExec: {
    of: native.setCloseOnExec,
    good: () => [bell(), true],
    args: [
      ['fd', descriptor],
      ['on', [...boolean, [undefined, INVALID_TYPE]]],
    ],
  },
  createMemory: {
    of: (...args: [number]) => closedAfterTest(native.createMemory(...args)),
    good: () => [1, 'label'],
    args: [
      ['size', size],
      ['label', types([null, 1, {}, Symbol('x')])],
    ],
  },
  mapMemory: {
    of: (fd: number, length: number) => native.unmapMemory(native.mapMemory(fd, length)),
    good: () => [memory(), 4096],
    args: [
      ['fd', descriptor],
      ['size', integer(1, 4096)],
    ],
  },
  'mapMemory options.offset': {
    of: (offset: number) => native.unmapMemory(native.mapMemory(memory(), 1, { offset })),
    good: () => [0],
    args: [['options.offset', optional(size)]],
  },
  'mapMemory options.readOnly': {
    of: (readOnly: boolean) => native.unmapMemory(native.mapMemory(memory(), 1, { readOnly })),
    good: () => [true],
    args: [['options.readOnly', boolean]],
  },
  'mapMemory options.populate': {
    of: (populate: boolean) => native.unmapMemory(native.mapMemory(memory(), 1, { populate })),
    good: () => [true],
    args: [['options.populate', boolean]],
  },
  'Mapping.of': {
    of: (fd: number, length: number) => native.Mapping.of(fd, length).close(),
    good: () => [memory(), 4096],
    args: [
      ['fd', descriptor],
      ['size', integer(1, 4096)],
    ],
  },
  'Mapping.view': {
    of: (offset: number, length: number) => {
      const mapping = testMapping();
      mapping.view(offset, length);
    },
    good: () => [96, 4000],
    args: [
      ['offset', integer(0, 4096)],
      ['length', integer(0, 4000)],
    ],
  },
  'Mapping.lease': {
    of: (offset: number) => {
      const mapping = testMapping();
      mapping.lease(offset).release();
    },
    good: () => [4092],
    args: [['offset', [...integer(0, 4092), [2, OUT_OF_RANGE]]]],
  },
  exitNow: {
    of: native.exitNow,
    good: () => {
      throw new Error('Ends the process: see process-end.test.ts');
    },
    args: [['code', integer(-(2 ** 31), 2 ** 31 - 1)]],
  },
  openSharedMemory: {
    of: native.openSharedMemory,
    good: () => {
      throw new Error('Makes a name: see memory.test.ts');
    },
    args: [['name', types(NOT_A_NUMBER.filter((value) => typeof value !== 'string'))]],
  },
  'openSharedMemory flags': {
    of: (create: boolean) => native.openSharedMemory('mp-test', { create }),
    good: () => {
      throw new Error('Makes a name: see memory.test.ts');
    },
    args: [['flags.create', boolean]],
  },
  'openSharedMemory mode': {
    of: (mode: number) => native.openSharedMemory('mp-test', { create: true }, mode),
    good: () => {
      throw new Error('Makes a name: see memory.test.ts');
    },
    args: [['mode', optional(integer(0, 0o777))]],
  },
  resizeMemory: {
    of: native.resizeMemory,
    good: () => [memory(), 8192],
    args: [
      ['fd', descriptor],
      ['size', size],
    ],
  },
  discardMemory: {
    of: native.discardMemory,
    good: () => [memory(), 0, 4096],
    args: [
      ['fd', descriptor],
      ['offset', size],
      ['length', integer(1, Number.MAX_SAFE_INTEGER)],
    ],
  },
  ringDoorbell: { of: native.ringDoorbell, good: () => [bell()], args: [['fd', descriptor]] },
  silenceDoorbell: { of: native.silenceDoorbell, good: () => [bell()], args: [['fd', descriptor]] },
  sendDescriptors: {
    of: native.sendDescriptors,
    good: () => [testSocketPair()[0], 1, []],
    args: [
      ['socket', descriptor],
      ['tag', integer(0, Number.MAX_SAFE_INTEGER)],
      ['descriptors', types([undefined, null, 1, 'x', {}, new Int32Array(1)])],
      ['descriptors[]', types([['0'], [undefined], new Array(3), [{}]])],
    ],
  },
  receiveDescriptors: {
    of: native.receiveDescriptors,
    good: () => [testSocketPair()[0]],
    args: [['socket', descriptor]],
  },
  peekTag: { of: native.peekTag, good: () => [testSocketPair()[0]], args: [['socket', descriptor]] },
  isHungUp: { of: native.isHungUp, good: () => [testSocketPair()[0]], args: [['socket', descriptor]] },
  openSocket: {
    of: (family: number) => closedAfterTest(native.openSocket(family)),
    good: () => [2],
    args: [['family', integer(0, 0xffff)]],
  },
  bindSocket: {
    of: native.bindSocket,
    good: () => [unixSocket(), UNNAMED],
    args: [
      ['fd', descriptor],
      ['address', uint8array],
      ['address.length', wrongLengths],
    ],
  },
  listenSocket: {
    of: native.listenSocket,
    good: () => {
      const socket = unixSocket();
      native.bindSocket(socket, UNNAMED);
      return [socket, 1];
    },
    args: [
      ['fd', descriptor],
      ['backlog', integer(0, 2 ** 31 - 1)],
    ],
  },
  acceptSocket: {
    of: native.acceptSocket,
    good: () => {
      const socket = unixSocket();
      native.bindSocket(socket, UNNAMED);
      native.listenSocket(socket, 1);
      return [socket];
    },
    args: [['fd', descriptor]],
  },
  connectSocket: {
    of: native.connectSocket,
    good: () => {
      const listener = unixSocket();
      native.bindSocket(listener, UNNAMED);
      native.listenSocket(listener, 1);
      return [unixSocket(), native.socketAddress(listener, false)];
    },
    args: [
      ['fd', descriptor],
      ['address', uint8array],
      ['address.length', wrongLengths],
    ],
  },
  checkSocketError: {
    of: native.checkSocketError,
    good: () => [unixSocket(), 'connect'],
    args: [
      ['fd', descriptor],
      ['syscall', types([undefined, null, 1, {}])],
    ],
  },
  socketAddress: {
    of: native.socketAddress,
    good: () => [unixSocket(), false],
    args: [
      ['fd', descriptor],
      ['peer', boolean],
    ],
  },
  resolveHost: {
    of: native.resolveHost,
    good: () => ['127.0.0.1', 80, 2, true],
    args: [
      ['host', types(NOT_A_NUMBER.filter((value) => typeof value !== 'string'))],
      ['port', integer(0, 0xffff)],
      ['family', integer(0, 0xffff)],
      ['numeric', boolean],
    ],
  },
  describeAddress: {
    of: native.describeAddress,
    good: () => native.resolveHost('127.0.0.1', 80, 2, true),
    args: [
      ['address', uint8array],
      ['address.length', wrongLengths],
    ],
  },
  setSocketOption: {
    of: native.setSocketOption,
    good: () => [unixSocket(), SOL_SOCKET, SO_KEEPALIVE, 1],
    args: [
      ['fd', descriptor],
      ['level', descriptor],
      ['name', descriptor],
      ['value', integer(-(2 ** 31), 2 ** 31 - 1)],
    ],
  },
  getSocketOption: {
    of: native.getSocketOption,
    good: () => [unixSocket(), SOL_SOCKET, SO_KEEPALIVE],
    args: [
      ['fd', descriptor],
      ['level', descriptor],
      ['name', descriptor],
    ],
  },
  receiveBytes: {
    of: native.receiveBytes,
    good: () => [testSocketPair()[0], new Uint8Array(10), 0, 10],
    args: [
      ['fd', descriptor],
      ['bytes', uint8array],
      ['start', integer(0, 10)],
      ['end', integer(0, 10)],
    ],
  },
  sendBytes: {
    of: native.sendBytes,
    good: () => [testSocketPair()[0], new Uint8Array(10), 0, 10, new Uint8Array(20), 5, 20],
    args: [
      ['fd', descriptor],
      ['first', uint8array],
      ['firstStart', integer(0, 10)],
      ['firstEnd', integer(0, 10)],
      ['second', uint8array],
      ['secondStart', integer(0, 20)],
      ['secondEnd', integer(5, 20)],
    ],
  },
  pollSync: {
    of: native.pollSync,
    good: () => [new Int32Array([bell(), 1, 0]), 1, 0],
    args: [
      ['watch', int32array],
      ['count', integer(0, 1)],
      ['timeout', timeout],
    ],
  },
  pollTwoSync: {
    of: native.pollTwoSync,
    good: () => [bell(), 1, bell(), 1, 0],
    args: [
      ['fdA', integer(-1, 2 ** 31 - 1)],
      ['wantedA', integer(0, 7)],
      ['fdB', integer(-1, 2 ** 31 - 1)],
      ['wantedB', integer(0, 7)],
      ['timeout', timeout],
    ],
  },
  PollHandle: {
    of: (fd: number, onReady: () => void) => new native.PollHandle(fd, onReady).close(),
    good: () => [bell(), () => {}],
    args: [
      ['fd', descriptor],
      ['onReady', types([undefined, null, 1, 'x', {}])],
    ],
  },
  'PollHandle options.drain': {
    of: (drain: boolean) => new native.PollHandle(bell(), () => {}, { drain }).close(),
    good: () => [true],
    args: [['options.drain', boolean.filter(([value]) => value !== null)]],
  },
  'PollHandle.start': {
    of: (events: number) => {
      const handle = new native.PollHandle(bell(), () => {});
      onTestFinished(() => handle.close());
      handle.start(events);
    },
    good: () => [7],
    args: [['events', integer(1, 7)]],
  },
  futexWaitSync: {
    of: native.futexWaitSync,
    good: () => [words(), 0, 0, 0],
    args: [
      ['words', int32array],
      ['index', integer(0, 1023)],
      ['expected', integer(-(2 ** 31), 2 ** 31 - 1)],
      ['timeout', timeout],
    ],
  },
  futexWake: {
    of: native.futexWake,
    good: () => [words(), 0, 1],
    args: [
      ['words', int32array],
      ['index', integer(0, 1023)],
      ['count', integer(0, 2 ** 31 - 1).filter(([value]) => value !== Number.POSITIVE_INFINITY)],
    ],
  },
  processStartTime: {
    of: native.processStartTime,
    good: () => [process.pid],
    args: [['pid', integer(1, 2 ** 31 - 1)]],
  },
  isProcessAlive: {
    of: native.isProcessAlive,
    good: () => [process.pid, 1n],
    args: [
      ['pid', integer(1, 2 ** 31 - 1)],
      ['startTime', types([undefined, null, 1, '1', {}])],
    ],
  },
  openProcess: {
    of: (pid: number) => closedAfterTest(native.openProcess(pid)),
    good: () => [process.pid],
    args: [['pid', integer(1, 2 ** 31 - 1)]],
  },
  waitChildSync: {
    of: native.waitChildSync,
    good: () => [closedAfterTest(native.openProcess(process.pid)), 0],
    args: [
      ['pidfd', descriptor],
      ['timeout', timeout],
    ],
  },
  reapChild: {
    of: native.reapChild,
    good: () => [closedAfterTest(native.openProcess(process.pid))],
    args: [['pidfd', descriptor]],
  },
  signalProcess: {
    of: native.signalProcess,
    good: () => [closedAfterTest(native.openProcess(process.pid)), 0],
    args: [
      ['pidfd', descriptor],
      ['signal', integer(0, 64)],
    ],
  },
  endWithParent: {
    of: (socket: number, grace: number) => native.endWithParent(socket, { grace }).stop(),
    good: () => [testSocketPair()[0], 1000],
    args: [
      ['socket', descriptor],
      ['options.grace', types(['1', {}, 1n, Number.NaN])],
    ],
  },
  setParentDeathSignal: { of: native.setParentDeathSignal, good: () => [0], args: [['signal', integer(0, 64)]] },
};

describe.each(Object.entries(calls))('%s', (_, { of, good, args }) => {
  const canBeCalled = !/Makes a name|Ends the process/.test(String(good));

  test.runIf(canBeCalled)('takes what is right', () => {
    expect(() => of(...(good() as never[]))).not.toThrow();
  });

  test.each(args)('refuses every wrong "%s"', (name, wrongs) => {
    const position = args.findIndex(([other]) => other === name.replace(/\[\]|\.length$/, ''));
    for (const [value, error] of wrongs) {
      const given = canBeCalled ? good() : [];
      given[position] = value;
      let thrown: unknown;
      try {
        of(...(given as never[]));
      } catch (caught) {
        thrown = caught;
      }
      expect({ value, thrown }).toEqual({ value, thrown: expect.objectContaining(error) });
      expect((thrown as Error).message).toContain(`"${name}"`);
    }
    expect(wrongs.length).toBeGreaterThan(3);
  });
});

test('the table has every function that takes arguments', () => {
  const untouched = [
    'Deadline',
    'HolderLock',
    'isThreadAlive',
    'threadOf',
    'atFork',
    'NativeUnavailableError',
    'ForkError',
    'forkProcess',
    'Lease',
    'Mapping',
    'unmapMemory',
    'unlinkSharedMemory',
    'futexWait',
    'waitWithin',
    'asShortage',
  ];
  const functions = Object.entries(native).filter(([, value]) => typeof value === 'function' && value.length > 0);
  const missing = functions.map(([name]) => name).filter((name) => !untouched.includes(name) && !(name in calls));
  expect(missing).toEqual([]);
});

test('classes of the addon cannot be called without new, or made from outside', async () => {
  const { addon } = await import('../src/addon.ts');
  const { Mapping, PollHandle } = addon();
  expect(() => (Mapping as unknown as () => void)()).toThrow(/new/);
  expect(() => (PollHandle as unknown as () => void)()).toThrow(/new/);
  const handle = new PollHandle(bell(), () => {}, false);
  expect(() => handle.start.call({} as never, 1)).toThrow(TypeError);
  expect(() => handle.close.call(Object.create(PollHandle.prototype))).toThrow();
  handle.close();
});
