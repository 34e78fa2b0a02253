import { UnpicklingError } from '@mp/reduction';
import { PLAIN_CONSTRUCTORS } from './constructors.ts';
import { decodeLong } from './integers.ts';
import * as op from './opcodes.ts';
import { Source } from './source.ts';
import { decodeText } from './text.ts';
import type { PythonType } from './types.ts';

const OLDEST_PROTOCOL = 2;
const NEWEST_PROTOCOL = 5;

/** A class or function that a pickle names, and that is allowed. Only ever a thing to be called on, never a value. */
class Callable {
  readonly name: string;
  readonly type: PythonType;

  constructor(name: string, type: PythonType) {
    this.name = name;
    this.type = type;
  }
}

/** Reads one pickle of Python. */
export class PickleReader {
  readonly #source: Source;
  readonly #types: ReadonlyMap<string, PythonType>;
  #stack: unknown[] = [];
  readonly #marks: unknown[][] = [];
  readonly #memo = new Map<number, unknown>();
  /** Of which type the values are that were made by one, for their state. */
  readonly #made = new WeakMap<object, Callable>();

  constructor(bytes: Uint8Array, start: number, end: number, types: ReadonlyMap<string, PythonType>) {
    this.#source = new Source(bytes, start, end);
    this.#types = types;
  }

  /** @throws UnpicklingError whatever the bytes are */
  read(): unknown {
    try {
      return this.#run();
    } catch (error) {
      if (error instanceof UnpicklingError) throw error;
      throw new UnpicklingError(
        `The pickle of the Python peer cannot be read, at byte ${this.#source.position}: ${(error as Error).message}.`,
        { cause: error },
      );
    }
  }

  #run(): unknown {
    const source = this.#source;
    if (source.byte() !== op.PROTO)
      throw new TypeError('it does not begin like one of protocol 2 or newer (do both sides have the same codec?)');
    this.#checkProtocol();
    for (;;) {
      const opcode = source.byte();
      if (opcode === op.STOP) return this.#finish();
      if (!this.#scalar(opcode) && !this.#container(opcode) && !this.#memory(opcode) && !this.#call(opcode)) {
        throw new TypeError(`opcode 0x${opcode.toString(16)} is none of plain data`);
      }
    }
  }

  #finish(): unknown {
    const value = this.#pop();
    if (this.#stack.length > 0 || this.#marks.length > 0) throw new TypeError('something is left over');
    if (!this.#source.finished) throw new TypeError('something follows its end');
    return this.#plain(value);
  }

  #checkProtocol(): void {
    const protocol = this.#source.byte();
    if (protocol < OLDEST_PROTOCOL || protocol > NEWEST_PROTOCOL) {
      throw new TypeError(`protocol ${protocol} is not supported: use ${OLDEST_PROTOCOL} to ${NEWEST_PROTOCOL}`);
    }
  }

  #scalar(opcode: number): boolean {
    const source = this.#source;
    switch (opcode) {
      case op.NONE:
        return this.#push(null);
      case op.NEWTRUE:
        return this.#push(true);
      case op.NEWFALSE:
        return this.#push(false);
      case op.BININT:
        return this.#push(source.int32());
      case op.BININT1:
        return this.#push(source.byte());
      case op.BININT2:
        return this.#push(source.uint16());
      case op.LONG1:
        return this.#push(decodeLong(source.bytes(source.byte())));
      case op.LONG4:
        return this.#push(decodeLong(source.bytes(source.int32())));
      case op.BINFLOAT:
        return this.#push(source.double());
      case op.SHORT_BINUNICODE:
        return this.#push(text(source.bytes(source.byte())));
      case op.BINUNICODE:
        return this.#push(text(source.bytes(source.uint32())));
      case op.BINUNICODE8:
        return this.#push(text(source.bytes(source.uint64())));
      case op.SHORT_BINBYTES:
        return this.#push(new Uint8Array(source.bytes(source.byte())));
      case op.BINBYTES:
        return this.#push(new Uint8Array(source.bytes(source.uint32())));
      case op.BINBYTES8:
      case op.BYTEARRAY8:
        return this.#push(new Uint8Array(source.bytes(source.uint64())));
      default:
        return false;
    }
  }

  #container(opcode: number): boolean {
    switch (opcode) {
      case op.MARK:
        this.#marks.push(this.#stack);
        this.#stack = [];
        return true;
      case op.EMPTY_LIST:
        return this.#push([]);
      case op.LIST:
        return this.#push(this.#popMark());
      case op.APPEND:
        return this.#append([this.#popPlain()]);
      case op.APPENDS:
        return this.#append(this.#popMark());
      case op.EMPTY_TUPLE:
        return this.#push(Object.freeze([]));
      case op.TUPLE1:
      case op.TUPLE2:
      case op.TUPLE3:
        return this.#push(Object.freeze(this.#popSome(opcode - op.TUPLE1 + 1)));
      case op.TUPLE:
        return this.#push(Object.freeze(this.#popMark()));
      case op.EMPTY_DICT:
        return this.#push(new Map());
      case op.SETITEM:
        return this.#setItems(this.#popSome(2));
      case op.SETITEMS:
        return this.#setItems(this.#popMark());
      case op.EMPTY_SET:
        return this.#push(new Set());
      case op.ADDITEMS:
        return this.#addItems(this.#popMark());
      case op.FROZENSET:
        return this.#push(Object.freeze(new Set(this.#popMark())));
      default:
        return false;
    }
  }

  #memory(opcode: number): boolean {
    const source = this.#source;
    switch (opcode) {
      case op.PROTO:
        this.#checkProtocol();
        return true;
      case op.FRAME:
        source.uint64();
        return true;
      case op.POP:
        if (this.#stack.length > 0) this.#stack.pop();
        else this.#popMark();
        return true;
      case op.POP_MARK:
        this.#popMark();
        return true;
      case op.MEMOIZE:
        this.#memo.set(this.#memo.size, this.#top());
        return true;
      case op.BINPUT:
        this.#memo.set(source.byte(), this.#top());
        return true;
      case op.LONG_BINPUT:
        this.#memo.set(source.uint32(), this.#top());
        return true;
      case op.BINGET:
        return this.#push(this.#remembered(source.byte()));
      case op.LONG_BINGET:
        return this.#push(this.#remembered(source.uint32()));
      default:
        return false;
    }
  }

  #call(opcode: number): boolean {
    switch (opcode) {
      case op.GLOBAL: {
        const module = text(this.#source.line());
        return this.#push(this.#callable(module, text(this.#source.line())));
      }
      case op.STACK_GLOBAL: {
        const [module, name] = this.#popSome(2);
        return this.#push(this.#callable(module, name));
      }
      case op.REDUCE:
      case op.NEWOBJ: {
        const args = this.#popTuple();
        return this.#make(this.#pop(), args);
      }
      case op.NEWOBJ_EX: {
        const fields = this.#popPlain();
        if (!(fields instanceof Map) || fields.size > 0) throw new TypeError('keyword arguments are not supported');
        const args = this.#popTuple();
        return this.#make(this.#pop(), args);
      }
      case op.BUILD: {
        const state = this.#popPlain();
        const value = this.#top() as object;
        const callable = typeof value === 'object' && value !== null ? this.#made.get(value) : undefined;
        if (callable?.type.build === undefined) throw refused(callable?.name ?? 'the state of an object');
        callable.type.build(value, state);
        return true;
      }
      default:
        return false;
    }
  }

  #callable(module: unknown, name: unknown): Callable {
    const full = `${String(module)}.${String(name)}`;
    const type = this.#types.get(full) ?? PLAIN_CONSTRUCTORS.get(full);
    if (type === undefined) throw refused(full);
    return new Callable(full, type);
  }

  #make(callable: unknown, args: readonly unknown[]): true {
    if (!(callable instanceof Callable)) throw new TypeError('it calls what cannot be called');
    const value = callable.type.make(args);
    if (typeof value === 'object' && value !== null) this.#made.set(value, callable);
    return this.#push(value);
  }

  #append(items: unknown[]): true {
    const list = this.#top();
    if (!Array.isArray(list) || Object.isFrozen(list)) throw new TypeError('it appends to what is no list');
    for (const item of items) list.push(item);
    return true;
  }

  #setItems(items: unknown[]): true {
    const map = this.#top();
    if (!(map instanceof Map) || items.length % 2 !== 0) throw new TypeError('it sets items of what is no dict');
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
    return true;
  }

  #addItems(items: unknown[]): true {
    const set = this.#top();
    if (!(set instanceof Set) || Object.isFrozen(set)) throw new TypeError('it adds to what is no set');
    for (const item of items) set.add(item);
    return true;
  }

  #push(value: unknown): true {
    this.#stack.push(value);
    return true;
  }

  #top(): unknown {
    if (this.#stack.length === 0) throw new RangeError('it takes what is not there');
    return this.#stack[this.#stack.length - 1];
  }

  #pop(): unknown {
    this.#top();
    return this.#stack.pop();
  }

  #popPlain(): unknown {
    return this.#plain(this.#pop());
  }

  #popTuple(): readonly unknown[] {
    const args = this.#pop();
    if (!Array.isArray(args) || !Object.isFrozen(args)) throw new TypeError('arguments are no tuple');
    return args;
  }

  /** In the order in which they were pushed. */
  #popSome(count: number): unknown[] {
    if (this.#stack.length < count) throw new RangeError('it takes what is not there');
    return this.#stack.splice(-count).map((value) => this.#plain(value));
  }

  #popMark(): unknown[] {
    const below = this.#marks.pop();
    if (below === undefined) throw new RangeError('it takes what is not there');
    const items = this.#stack;
    this.#stack = below;
    for (const item of items) this.#plain(item);
    return items;
  }

  #remembered(index: number): unknown {
    if (!this.#memo.has(index)) throw new RangeError('it remembers what it has not told');
    return this.#memo.get(index);
  }

  #plain(value: unknown): unknown {
    if (value instanceof Callable) throw refused(value.name);
    return value;
  }
}

function text(bytes: Buffer): string {
  const decoded = decodeText(bytes);
  if (decoded === undefined) throw new TypeError('a str is not UTF-8');
  return decoded;
}

const refused = (name: string): UnpicklingError =>
  new UnpicklingError(
    `The Python peer sent ${name}, and only plain data is accepted: None, bool, int, float, str, bytes, list, tuple, dict, set. Send such data instead, or allow the type in pickleCodec({ types: { … } }).`,
  );
