export { addonFile } from './addon.ts';
export { atFork, type ForkHooks } from './at-fork.ts';
export { openProcess, type ProcessEnd, reapChild, signalProcess, waitChildSync } from './child.ts';
export { Deadline, type WaitOptions } from './deadline.ts';
export { closeDescriptor, descriptorSize, duplicateDescriptor, setCloseOnExec } from './descriptor.ts';
export { createDoorbell, ringDoorbell, silenceDoorbell } from './doorbell.ts';
export { ForkError, NativeUnavailableError } from './errors.ts';
export { canFork, type ForkOptions, forkProcess } from './fork/fork-process.ts';
export { type FutexResult, futexWaitSync, futexWake } from './futex.ts';
export { type FutexWaitOptions, futexWait } from './futex-wait.ts';
export { HolderLock } from './holder-lock.ts';
export { countMappings, Lease, type MapOptions, Mapping, mapMemory, unmapMemory } from './mapping.ts';
export {
  createMemory,
  discardMemory,
  openSharedMemory,
  resizeMemory,
  type SharedMemoryFlags,
  unlinkSharedMemory,
} from './memory.ts';
export { HANGUP, pollSync, pollTwoSync, READABLE, WRITABLE } from './poll.ts';
export { PollHandle, type PollHandleOptions } from './poll-handle.ts';
export { countLibraries, exitNow } from './process-end.ts';
export { isProcessAlive, processStartTime, threadId } from './process-identity.ts';
export { asShortage } from './shortage.ts';
export { isHungUp, peekTag, receiveDescriptors, sendDescriptors, socketPair } from './socket.ts';
export {
  acceptSocket,
  bindSocket,
  checkSocketError,
  connectSocket,
  describeAddress,
  getSocketOption,
  listenSocket,
  openSocket,
  receiveBytes,
  resolveHost,
  sendBytes,
  setSocketOption,
  socketAddress,
} from './stream.ts';
export {
  IDENTITY_MASK,
  identify,
  isThreadAlive,
  type ThreadIdentity,
  thisThread,
  threadOf,
  UNKNOWN_START,
} from './thread-identity.ts';
export { type Waiting, waitWithin } from './wait-within.ts';
export { type EndWithParentOptions, endWithParent, setParentDeathSignal } from './watchdog.ts';
