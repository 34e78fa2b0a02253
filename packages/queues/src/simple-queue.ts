import { inspect } from 'node:util';
import type { SyncWaitOptions, Untyped } from '@mp/connection';
import type { WaitOptions } from '@mp/native';
import { Queue } from './queue.ts';

/**
 * An unbounded {@link Queue} with the few operations that most programs need.
 *
 * Python: `multiprocessing.SimpleQueue`, whose `put` waits when 64 KiB are unread, and whose calls cannot be bounded.
 *
 * @typeParam T - what is put
 *
 * @example
 * ```ts
 * const queue = new SimpleQueue<string>();
 * queue.putSync('hello');
 * console.log(queue.getSync());
 * ```
 */
export class SimpleQueue<T = Untyped> implements Disposable {
  readonly #queue: Queue<T>;

  constructor();
  /** @internal */
  constructor(queue: Queue<T>);
  constructor(queue: Queue<T> = new Queue<T>()) {
    this.#queue = queue;
  }

  /** @internal */
  get queue(): Queue<T> {
    return this.#queue;
  }

  /** See {@link Queue.put}. */
  put(value: T): Promise<void> {
    return this.#queue.put(value);
  }

  /** See {@link Queue.putSync}. */
  putSync(value: T): void {
    this.#queue.putSync(value);
  }

  /** See {@link Queue.get}. */
  get(options?: WaitOptions): Promise<T> {
    return this.#queue.get(options);
  }

  /** See {@link Queue.getSync}. */
  getSync(options?: SyncWaitOptions): T {
    return this.#queue.getSync(options);
  }

  /** See {@link Queue.empty}. */
  empty(): boolean {
    return this.#queue.empty();
  }

  /** Whether the queue was closed by this process. */
  get closed(): boolean {
    return this.#queue.closed;
  }

  /** See {@link Queue.close}. */
  close(): void {
    this.#queue.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [inspect.custom](): string {
    return inspect(this.#queue).replace('Queue', 'SimpleQueue');
  }
}
