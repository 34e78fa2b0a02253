import { QueueEmptyError, QueueFullError } from './errors.ts';
import type { Purpose } from './waiting/attempt.ts';

/** What the operations of a queue are called in errors. */
export const GETTING: Purpose = {
  method: 'get',
  awaited: 'a message',
  late: (method, timeout) =>
    new QueueEmptyError(
      timeout > 0
        ? `${method}: no message came within ${timeout} ms. Nothing was taken; try again.`
        : `${method}: the queue is empty.`,
    ),
};
export const GETTING_SYNC: Purpose = { ...GETTING, method: 'getSync' };
export const GETTING_NOW: Purpose = { ...GETTING, method: 'getNowait' };

export const PUTTING: Purpose = {
  method: 'put',
  awaited: 'room in the queue',
  late: (method, timeout) =>
    new QueueFullError(
      timeout > 0
        ? `${method}: the queue was full for ${timeout} ms. Nothing was put; try again.`
        : `${method}: the queue is full.`,
    ),
};
export const PUTTING_SYNC: Purpose = { ...PUTTING, method: 'putSync' };
export const PUTTING_NOW: Purpose = { ...PUTTING, method: 'putNowait' };
