import { type Codec, type PythonCall, type PythonType, pickleCodec } from '@mp/connection';
import { TimeoutError } from '@mp/errors';
import { QueueEmptyError, QueueFullError } from '@mp/queues';
import { PythonError } from './errors.ts';
import { Slice } from './slice.ts';
import { Token } from './token.ts';

/**
 * What a Python manager and its clients send beside plain data: tokens, slices, exceptions. They are named one by one,
 * and become data; nothing that is named is ever called or loaded.
 */

const EXCEPTIONS = [
  'ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError BufferError',
  'ChildProcessError ConnectionError EOFError Exception FileExistsError FileNotFoundError FloatingPointError',
  'ImportError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError',
  'ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError PermissionError',
  'ProcessLookupError RecursionError ReferenceError RuntimeError StopAsyncIteration StopIteration SystemError',
  'TimeoutError TypeError UnboundLocalError UnicodeError ValueError ZeroDivisionError ConnectionRefusedError',
  'ConnectionResetError ConnectionAbortedError',
]
  .join(' ')
  .split(' ')
  .map((name) => `builtins.${name}`);

const OTHERS = [
  'multiprocessing.context.ProcessError',
  'multiprocessing.context.TimeoutError',
  'multiprocessing.managers.RemoteError',
  'threading.BrokenBarrierError',
];

/** Fields of an exception, such as notes: data that we do not need. */
const ignoreState = (): void => {};

const exception = (type: string): readonly [string, PythonType] => [
  type,
  { make: (args) => new PythonError(type, args), build: ignoreState },
];

const queueError = (
  name: string,
  Class: typeof QueueEmptyError | typeof QueueFullError,
): readonly [string, PythonType] => [
  name,
  { make: () => new Class(`The queue of the Python manager raised ${name}.`), build: ignoreState },
];

const types: Readonly<Record<string, PythonType>> = Object.fromEntries([
  ...[...EXCEPTIONS, ...OTHERS].map(exception),
  queueError('_queue.Empty', QueueEmptyError),
  queueError('queue.Empty', QueueEmptyError),
  queueError('queue.Full', QueueFullError),
  ['builtins.slice', { make: ([start, stop, step]) => new Slice(start, stop, step) }],
  [
    'multiprocessing.managers.Token',
    {
      make: () => new Token('', '', ''),
      build(token, state) {
        const [typeid, address, id] = state as [string, string, string];
        Object.assign(token as Token, { typeid, address, id });
      },
    },
  ],
]);

function reduce(value: object): PythonCall | undefined {
  if (value instanceof Token) {
    const address = typeof value.address === 'string' ? value.address : Object.freeze([...value.address]);
    return { module: 'multiprocessing.managers', name: 'Token', args: [value.typeid, address, value.id] };
  }
  if (value instanceof Slice) return { module: 'builtins', name: 'slice', args: [value.start, value.stop, value.step] };
  if (!(value instanceof Error)) return undefined;
  if (value instanceof PythonError) {
    const dot = value.type.lastIndexOf('.');
    return { module: value.type.slice(0, dot), name: value.type.slice(dot + 1), args: value.args };
  }
  if (value instanceof QueueEmptyError) return { module: 'queue', name: 'Empty', args: [] };
  if (value instanceof QueueFullError) return { module: 'queue', name: 'Full', args: [] };
  return { module: 'builtins', name: nameInPython(value), args: [value.message] };
}

function nameInPython(error: Error): string {
  if (error instanceof TimeoutError) return 'TimeoutError';
  if (error instanceof TypeError) return 'TypeError';
  if (error instanceof RangeError) return 'ValueError';
  return 'RuntimeError';
}

/** The codec of connections between managers and their clients, one side of which is Python. */
export const managerCodec: Codec = pickleCodec({ types, reduce });

/** A tuple of Python. */
export const tuple = (...items: unknown[]): readonly unknown[] => Object.freeze(items);
