export type { ArenaStatistics } from './arena/allocator.ts';
export { Block } from './arena/block.ts';
