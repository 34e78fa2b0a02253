import { PicklingError } from '@mp/reduction';
import { encodeLong } from './integers.ts';
import * as op from './opcodes.ts';
import { Sink } from './sink.ts';
import { encodeText } from './text.ts';
import type { PythonCall } from './types.ts';

/** Every CPython since 3.4 reads it, and it is what `multiprocessing` of CPython 3.8 to 3.13 writes. */
const PROTOCOL = 4;
/** So many items at a time, as CPython does. */
const BATCH = 1000;
/** Values inside of each other: about what CPython itself can pickle. */
const DEEPEST = 400;
const UINT8 = 0x100;
const UINT16 = 0x1_0000;
const INT32 = 0x8000_0000;
const UINT32 = 0x1_0000_0000;

type Reduce = (value: object) => PythonCall | undefined;

/** Writes pickles for Python. Its memory is used again. */
export class PickleWriter {
  readonly #sink = new Sink();
  readonly #reduce: Reduce | undefined;
  /** What was written in this pickle already, and by which number it is called again. */
  readonly #memo = new Map<object, number>();
  /** Things that were put in the memo: also those that nobody can ask for again. */
  #memoized = 0;
  readonly #path: (string | number)[] = [];
  #busy = false;

  constructor(reduce: Reduce | undefined) {
    this.#reduce = reduce;
  }

  /** Whether it is writing. */
  get busy(): boolean {
    return this.#busy;
  }

  /** @returns the pickle, good until the next call: `bytes[0, length)` */
  write(value: unknown): { readonly bytes: Buffer; readonly length: number } {
    const sink = this.#sink;
    sink.reset();
    this.#busy = true;
    this.#memoized = 0;
    this.#path.length = 0;
    sink.opcode8(op.PROTO, PROTOCOL);
    try {
      this.#value(value);
    } finally {
      this.#busy = false;
      this.#memo.clear();
    }
    sink.byte(op.STOP);
    return { bytes: sink.bytes, length: sink.length };
  }

  #value(value: unknown): void {
    if (value === null || value === undefined) this.#sink.byte(op.NONE);
    else if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'boolean') this.#sink.byte(value ? op.NEWTRUE : op.NEWFALSE);
    else if (typeof value === 'object') this.#object(value);
    else if (typeof value === 'bigint') this.#integer(value);
    else throw this.#refusal(value, `a ${typeof value} has no counterpart in Python`);
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#integer(value);
    else this.#sink.double(op.BINFLOAT, value);
  }

  #integer(value: number | bigint): void {
    const sink = this.#sink;
    if (value >= 0 && value < UINT8) sink.opcode8(op.BININT1, Number(value));
    else if (value >= 0 && value < UINT16) sink.opcode16(op.BININT2, Number(value));
    else if (value >= -INT32 && value < INT32) sink.opcode32(op.BININT, Number(value));
    else {
      const bytes = encodeLong(BigInt(value));
      if (bytes.length < UINT8) sink.opcode8(op.LONG1, bytes.length);
      else sink.opcode32(op.LONG4, bytes.length);
      sink.append(bytes);
    }
  }

  #text(value: string): void {
    const bytes = encodeText(value);
    if (bytes.length < UINT8) this.#sink.opcode8(op.SHORT_BINUNICODE, bytes.length);
    else if (bytes.length < UINT32) this.#sink.opcode32(op.BINUNICODE, bytes.length);
    else this.#sink.opcode64(op.BINUNICODE8, bytes.length);
    this.#sink.append(bytes);
  }

  #object(value: object): void {
    const known = this.#memo.get(value);
    if (known !== undefined) {
      this.#recall(known);
      return;
    }
    if (this.#path.length >= DEEPEST) throw this.#refusal(value, `it is nested deeper than ${DEEPEST} levels`);
    const call = this.#reduce?.(value);
    if (call === undefined) this.#data(value);
    else this.#call(value, call);
  }

  /** By its prototype, exactly: what a class of its own adds would be lost. */
  #data(value: object): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) this.#dict(value, this.#fields(value));
    else if (prototype === Array.prototype) this.#array(value as unknown[]);
    else if (prototype === Map.prototype) this.#dict(value, value as Map<unknown, unknown>);
    else if (prototype === Set.prototype) this.#set(value as Set<unknown>);
    else if (prototype === Uint8Array.prototype || prototype === Buffer.prototype) this.#bytes(value as Uint8Array);
    else if (prototype === ArrayBuffer.prototype) this.#bytes(value as ArrayBuffer);
    else throw this.#refusal(value, 'instances of it have no counterpart in Python');
  }

  #array(array: readonly unknown[]): void {
    if (Object.keys(array).length !== array.length) {
      throw this.#refusal(array, 'it has holes, or fields besides its items');
    }
    if (Object.isFrozen(array)) this.#tuple(array);
    else this.#list(array);
  }

  #list(list: readonly unknown[]): void {
    this.#sink.byte(op.EMPTY_LIST);
    this.#remember(list);
    this.#batches(list, op.APPENDS, (item, index) => this.#inside(index, item));
  }

  #tuple(tuple: readonly unknown[]): void {
    const sink = this.#sink;
    sink.byte(op.MARK);
    for (const [index, item] of tuple.entries()) this.#inside(index, item);
    const known = this.#memo.get(tuple);
    if (known === undefined) {
      sink.byte(op.TUPLE);
      this.#remember(tuple);
    } else {
      // It is inside of one of its items, and was written there.
      sink.byte(op.POP_MARK);
      this.#recall(known);
    }
  }

  #bytes(value: Uint8Array | ArrayBuffer): void {
    const sink = this.#sink;
    const memory = ArrayBuffer.isView(value) ? value.buffer : value;
    if (memory instanceof ArrayBuffer && memory.detached) throw this.#refusal(value, 'its memory was transferred');
    const bytes = ArrayBuffer.isView(value) ? value : new Uint8Array(value);
    if (bytes.length < UINT8) sink.opcode8(op.SHORT_BINBYTES, bytes.length);
    else if (bytes.length < UINT32) sink.opcode32(op.BINBYTES, bytes.length);
    else sink.opcode64(op.BINBYTES8, bytes.length);
    sink.append(bytes);
    this.#remember(value);
  }

  #dict(value: object, entries: Iterable<readonly [unknown, unknown]>): void {
    this.#sink.byte(op.EMPTY_DICT);
    this.#remember(value);
    this.#batches([...entries], op.SETITEMS, ([key, item]) => {
      this.#inside('⟨key⟩', key);
      this.#inside(typeof key === 'string' ? key : '⟨value⟩', item);
    });
  }

  #set(set: ReadonlySet<unknown>): void {
    const sink = this.#sink;
    if (Object.isFrozen(set)) {
      sink.byte(op.MARK);
      for (const item of set) this.#inside('⟨item⟩', item);
      sink.byte(op.FROZENSET);
      this.#remember(set);
    } else {
      sink.byte(op.EMPTY_SET);
      this.#remember(set);
      this.#batches([...set], op.ADDITEMS, (item) => this.#inside('⟨item⟩', item));
    }
  }

  #fields(value: object): [string, unknown][] {
    if (Object.getOwnPropertySymbols(value).length > 0) throw this.#refusal(value, 'it has keys that are symbols');
    return Object.entries(value);
  }

  /** A call whose arguments contain its own result would never end: the depth stops it. */
  #call(value: object, { module, name, args, state }: PythonCall): void {
    const sink = this.#sink;
    this.#text(module);
    this.#text(name);
    sink.byte(op.STACK_GLOBAL);
    sink.byte(op.MARK);
    for (const [index, arg] of args.entries()) this.#inside(index, arg);
    sink.byte(op.TUPLE);
    sink.byte(op.REDUCE);
    this.#remember(value);
    if (state === undefined) return;
    this.#inside('⟨state⟩', state);
    sink.byte(op.BUILD);
  }

  #batches<T>(items: readonly T[], opcode: number, write: (item: T, index: number) => void): void {
    for (let from = 0; from < items.length; from += BATCH) {
      this.#sink.byte(op.MARK);
      const until = Math.min(items.length, from + BATCH);
      for (let i = from; i < until; i++) write(items[i] as T, i);
      this.#sink.byte(opcode);
    }
  }

  #inside(key: string | number, value: unknown): void {
    this.#path.push(key);
    this.#value(value);
    this.#path.pop();
  }

  #remember(value: object): void {
    this.#sink.byte(op.MEMOIZE);
    this.#memo.set(value, this.#memoized++);
  }

  #recall(index: number): void {
    if (index < UINT8) this.#sink.opcode8(op.BINGET, index);
    else this.#sink.opcode32(op.LONG_BINGET, index);
  }

  #refusal(value: unknown, why: string): PicklingError {
    const path = this.#path.reduce<string>(
      (all, key) => (typeof key === 'number' ? `${all}[${key}]` : `${all}.${key}`),
      'value',
    );
    const type = typeof value === 'object' ? (value?.constructor?.name ?? 'object') : typeof value;
    return new PicklingError(
      `\`${path}\` cannot be sent to a Python peer: it is a ${type}, and ${why}. Send null, booleans, numbers, bigints, texts, Uint8Array, arrays, Map, Set and plain objects, or say what it becomes in pickleCodec({ reduce }).`,
      { path, valueType: type },
    );
  }
}
