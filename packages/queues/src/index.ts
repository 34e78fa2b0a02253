import './pickling.ts';

export { QueueEmptyError, QueueFullError, QueueShutDownError, TasksLostError } from './errors.ts';
export { JoinableQueue } from './joinable-queue.ts';
export { Queue } from './queue.ts';
export { SimpleQueue } from './simple-queue.ts';
