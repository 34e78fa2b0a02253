export { Deadline, type WaitOptions } from './deadline.ts';
export { closeDescriptor, descriptorSize, duplicateDescriptor, setCloseOnExec } from './descriptor.ts';
export { createDoorbell, ringDoorbell, silenceDoorbell } from './doorbell.ts';
export { NativeUnavailableError } from './errors.ts';
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
export { isHungUp, receiveDescriptors, sendDescriptors, socketPair } from './socket.ts';
