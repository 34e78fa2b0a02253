export { NoSharedMemoryError, ShareableListError, SharedMemoryExistsError } from './errors.ts';
export type { ListValue } from './list-item.ts';
export { ShareableList } from './shareable-list.ts';
export { SharedMemory, type SharedMemoryOptions } from './shared-memory.ts';
