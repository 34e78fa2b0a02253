export { brandError } from './brand.ts';
export { BrokenPipeError, ClosedError, EOFError } from './ends.ts';
export { ProcessError } from './process-error.ts';
export { AbortError, DeadlockError, TimeoutError } from './waiting.ts';
