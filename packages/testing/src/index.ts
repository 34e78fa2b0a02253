export { checkLeaks } from './check-leaks.ts';
export { collect, collectNow, collectUntil } from './collect.ts';
export { type Allowance, expectNothingLeft, type LeakOptions, leakCheck } from './expect-nothing-left.ts';
export { LeakError } from './leak-error.ts';
export {
  type NodeOptions,
  type NodeProgram,
  type NodeResult,
  nodeChild,
  RunningNode,
  startNode,
} from './node-child.ts';
export { isRunning, isStopped } from './process-state.ts';
export { type Snapshot, snapshot } from './snapshot.ts';
export type { Trace, TraceKind } from './trace.ts';
export { type UntilOptions, until } from './until.ts';
