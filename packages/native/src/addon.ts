/**
 * The C part of the package, loaded at the first call that needs it: so a program may import every `@mp` package on
 * a platform that has no native part, as long as it does not use it.
 *
 * Arguments are positional here and options unpacked, so that C neither looks up properties nor allocates. C checks
 * all of them and throws what the public functions document.
 */
import { NativeUnavailableError } from './errors.ts';

/** What mp_native.node exports. Descriptors, sizes and offsets are integers, time-outs milliseconds or Infinity. */
export interface Addon {
  closeDescriptor(fd: number): void;
  duplicateDescriptor(fd: number): number;
  descriptorSize(fd: number): number;
  setCloseOnExec(fd: number, on: boolean): void;

  createMemory(size: number, label: string): number;
  openSharedMemory(
    name: string,
    create: boolean,
    exclusive: boolean,
    truncate: boolean,
    readOnly: boolean,
    mode: number,
  ): number;
  unlinkSharedMemory(name: string): void;
  resizeMemory(fd: number, size: number): void;
  discardMemory(fd: number, offset: number, length: number): void;

  mapMemory(fd: number, size: number, offset: number, readOnly: boolean, populate: boolean): ArrayBuffer;
  unmapMemory(buffer: ArrayBuffer): void;
  countMappings(): number;
  readonly Mapping: new (
    fd: number,
    size: number,
    offset: number,
    readOnly: boolean,
    populate: boolean,
  ) => NativeMapping;

  createDoorbell(): number;
  ringDoorbell(fd: number): void;
  silenceDoorbell(fd: number): boolean;

  socketPair(): [number, number];
  sendDescriptors(socket: number, tag: number, descriptors: readonly number[]): boolean;
  receiveDescriptors(socket: number): { tag: number; descriptors: number[] } | 'empty' | 'closed';
  peekTag(socket: number): number | 'empty' | 'closed';
  isHungUp(socket: number): boolean;

  openSocket(family: number): number;
  bindSocket(fd: number, address: Uint8Array): void;
  listenSocket(fd: number, backlog: number): void;
  /** -1: nobody waits to be accepted. */
  acceptSocket(fd: number): number;
  /** 0 connected, 1 in progress, 2 to be tried again. */
  connectSocket(fd: number, address: Uint8Array): number;
  socketError(fd: number, syscall: string): void;
  socketAddress(fd: number, peer: boolean): Uint8Array;
  /** Or the number of getaddrinfo's error. */
  resolveHost(host: string, port: number, family: number, numeric: boolean): Uint8Array[] | number;
  describeAddress(address: Uint8Array): [host: string, port: string];
  setSocketOption(fd: number, level: number, name: number, value: number): void;
  getSocketOption(fd: number, level: number, name: number): number;
  /** 0: the end, -1: nothing yet. */
  receiveBytes(fd: number, bytes: Uint8Array, start: number, end: number): number;
  /** -1: no room. */
  sendBytes(
    fd: number,
    first: Uint8Array,
    firstStart: number,
    firstEnd: number,
    second: Uint8Array,
    secondStart: number,
    secondEnd: number,
  ): number;

  pollSync(watch: Int32Array, count: number, timeout: number): number;
  pollTwoSync(fdA: number, wantedA: number, fdB: number, wantedB: number, timeout: number): number;
  /** 0 woken, 1 changed, 2 timed out. */
  futexWaitSync(words: Int32Array, index: number, expected: number, timeout: number): number;
  futexWake(words: Int32Array, index: number, count: number): number;
  /** Once, before the three below: `callback` is called when there is something to take. */
  futexOnSettled(callback: () => void): void;
  /** The id of a new wait; -1: changed already, -2: timed out already. */
  futexWait(words: Int32Array, index: number, expected: number, timeout: number, ref: boolean): number;
  /** False: it is settled already. */
  futexCancel(id: number): boolean;
  /** 4 × id + (0 woken, 1 changed, 2 timed out, 3 the memory is gone) of one that is settled, or -1. */
  futexTake(): number;
  /** For tests: as if the kernel had no futex_waitv(2). */
  futexWithoutWaitv(): void;

  threadId(): number;
  processStartTime(pid: number): bigint | undefined;
  isProcessAlive(pid: number, startTime: bigint): boolean;
  openProcess(pid: number): number;
  /** 256 × signal + exit code; -1: timed out, -2: it has ended, but how cannot be known. */
  waitChildSync(pidfd: number, timeout: number): number;
  /** As waitChildSync without waiting, but takes the exit code. */
  reapChild(pidfd: number): number;
  signalProcess(pidfd: number, signal: number): boolean;
  setParentDeathSignal(signal: number): void;
  endWithParent(socket: number, grace: number): () => void;

  /** The pid of the child, 0 in the child, or which thread did not come to rest in time. */
  fork(timeout: number): number | string;
  forkRefusal(): string | undefined;
  exitNow(code: number): never;
  /** How many shared objects (addons, mostly) this process has loaded so far. */
  countLibraries(): number;
  isLoopBusy(): boolean;

  readonly PollHandle: new (fd: number, onReady: (events: number) => void, drain: boolean) => NativePollHandle;
}

export interface NativeMapping {
  view(offset: number, length: number): ArrayBuffer;
  lease(offset: number): NativeLease;
  close(): void;
}

export interface NativeLease {
  view(offset: number, length: number): ArrayBuffer;
  release(): void;
}

export interface NativePollHandle {
  start(events: number): void;
  stop(): void;
  ref(): void;
  unref(): void;
  close(): void;
  isActive(): boolean;
}

let loaded: Addon | undefined;
let found = '';

/**
 * The addon.
 *
 * @throws NativeUnavailableError when there is none for this platform
 */
export function addon(): Addon {
  return loaded ?? load();
}

/** The file of the addon, for a child that is to load nothing else of this package. */
export function addonFile(): string {
  addon();
  return process
    .getBuiltinModule('node:module')
    .createRequire(import.meta.url)
    .resolve(found);
}

const BUILT = '../build/Release/mp_native.node';

/** Where it may be: in the package of the platform, or in the source tree, where `build:native` puts it. */
function candidates(): string[] {
  const candidates = [`@mp/native-${process.platform}-${process.arch}`, BUILT];
  // To look for a package in vain takes a child a millisecond at its start.
  const isSourceTree = process.getBuiltinModule('node:fs').existsSync(new URL(BUILT, import.meta.url));
  return isSourceTree ? candidates.reverse() : candidates;
}

function load(): Addon {
  const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  const failures: Error[] = [];
  for (const candidate of candidates()) {
    try {
      loaded = require(candidate) as Addon;
      found = candidate;
      return loaded;
    } catch (error) {
      failures.push(error as Error);
    }
  }
  throw unavailable(failures);
}

function unavailable(failures: readonly Error[]): NativeUnavailableError {
  const platform = `${process.platform}-${process.arch}`;
  const supported = platform === 'linux-x64' || platform === 'linux-arm64';
  const tried = candidates().map((candidate, i) => `${candidate} (${firstLine(failures[i])})`);
  const cure = supported
    ? `Install the package @mp/native-${platform} beside @mp/native, in the same version; it is an optional dependency, ` +
      'so package managers leave it out when told to omit those. In the source tree: pnpm --filter @mp/native build:native.'
    : 'Supported are linux-x64 and linux-arm64. Whatever does not need shared memory, descriptors or locks still works here.';
  return new NativeUnavailableError(
    `@mp/native has no native part for ${platform} (Node ${process.version}). Tried ${tried.join(' and ')}. ${cure}`,
    { cause: failures[0] },
  );
}

function firstLine(error: Error | undefined): string {
  return error?.message.split('\n', 1)[0] ?? 'not tried';
}
