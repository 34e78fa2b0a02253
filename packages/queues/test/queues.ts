import { JoinableQueue, Queue, SimpleQueue } from '@mp/queues';
import { onTestFinished } from 'vitest';

/** A queue that is closed with its test. */
export function testQueue<T = unknown>(maxSize?: number): Queue<T> {
  const queue = new Queue<T>(maxSize);
  onTestFinished(() => queue.close());
  return queue;
}

export function testJoinableQueue<T = unknown>(maxSize?: number): JoinableQueue<T> {
  const queue = new JoinableQueue<T>(maxSize);
  onTestFinished(() => queue.close());
  return queue;
}

export function testSimpleQueue<T = unknown>(): SimpleQueue<T> {
  const queue = new SimpleQueue<T>();
  onTestFinished(() => queue.close());
  return queue;
}

/** What a promise or a call came to: its error, or its value. */
export async function outcome(action: Promise<unknown> | (() => unknown)): Promise<unknown> {
  try {
    return await (typeof action === 'function' ? action() : action);
  } catch (error) {
    return error;
  }
}
