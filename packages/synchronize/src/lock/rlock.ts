import { inspect } from 'node:util';
import { DeadlockError } from '@mp/errors';
import { Deadline, identify, thisThread, type WaitOptions } from '@mp/native';
import { register } from '@mp/reduction';
import type { Block } from '@mp/shared-memory/internal';
import { NotOwnerError } from '../errors.ts';
import { checkOptions, type SyncWaitOptions } from '../options.ts';
import { Placement } from '../placement.ts';
import { ownerName } from '../representation.ts';
import { LATE } from '../waiting/attempt.ts';
import { Line } from '../waiting/line.ts';
import { attemptSync } from '../waiting/sync.ts';
import { checkOwnerDied, type LockOptions } from './lock.ts';
import { free, HOLDER, holderOf, LockAttempt, type OwnerDied, tryTake } from './lock-word.ts';
import { type Held, Lockable } from './lockable.ts';
import { inContext, isWithin, type Owner, type OwnerOption, ownerOf } from './owner.ts';

/** Behind the two words of the lock: how often it was acquired, and by which owner within the thread. */
const COUNT = 2;
const OWNER = 3;

/**
 * A recursive lock: its owner may acquire it again, and gives it back by as many releases.
 *
 * **Who the owner is**: a thread of a process, and within that
 * - the object given as `{ owner }`; or else
 * - the async context that {@link withLock} opens: everything that its function calls and awaits; or else
 * - the thread as such, as in Python.
 *
 * So two tasks that use `withLock` exclude each other, and nested `withLock`s of one task do not. But all tasks of a
 * thread that call `acquire()` outside of any `withLock`, and without `{ owner }`, are one owner, for there is nothing to
 * tell them apart by: they do not exclude each other. What the thread as such holds, all its tasks hold; what a context
 * holds, those that are opened within it hold.
 *
 * Death of the owner, fairness, sending: as with {@link Lock}. A fork's child owns nothing of what its parent does.
 *
 * Python: `multiprocessing.RLock`.
 *
 * @example
 * ```ts
 * const lock = new RLock();
 * await lock.withLock(async () => {
 *   await lock.withLock(async () => {}); // the same task: no dead-lock
 * });
 * ```
 */
export class RLock extends Lockable<OwnerOption> {
  readonly #words: Int32Array;
  readonly #ownerDied: OwnerDied;
  readonly #block: Block;
  readonly #line = new Line();

  constructor(options: LockOptions = {}) {
    super();
    this.#ownerDied = checkOwnerDied(options.ownerDied);
    identify();
    this.#block = placement.place(this, 16);
    this.#words = this.#block.int32();
  }

  /**
   * Waits until the owner has it once more. Never blocks the event loop.
   *
   * @returns false when it timed out
   * @throws OwnerDiedError: the lock **is held** by the caller, once; AbortError: it is not
   */
  async acquire(options?: WaitOptions & OwnerOption): Promise<boolean> {
    checkOptions(options);
    const owner = ownerOf(options?.owner);
    if (options?.signal?.aborted !== true) {
      if (this.#tryAgain(owner, 1)) return true;
      if (this.#line.isEmpty && this.#tryAcquire(owner)) return true;
    }
    return (await this.#line.add(this.#attempt('acquire', owner, owner.id, 1, false), options)) !== LATE;
  }

  /**
   * {@link acquire}, blocking the thread.
   *
   * @throws DeadlockError when another owner of this very thread holds it and there is no time-out
   */
  acquireSync(options?: SyncWaitOptions & OwnerOption): boolean {
    if (options !== undefined) checkOptions(options);
    const owner = ownerOf(options?.owner);
    if (this.#tryAcquire(owner)) return true;
    const deadline = Deadline.after(options?.timeout);
    if (deadline === Deadline.never && holderOf(this.#words) === thisThread.word) {
      throw new DeadlockError(
        'RLock.acquireSync would wait for ever: another task of this very thread holds the lock, and cannot give it back while the thread is blocked. Use await acquire(), or a timeout.',
      );
    }
    return attemptSync(this.#attempt('acquireSync', owner, owner.id, 1, true), deadline) !== LATE;
  }

  /**
   * Takes back one acquire; the last one makes the lock free and wakes one who waits.
   *
   * @throws NotOwnerError when the caller does not own it
   */
  release(options?: OwnerOption): void {
    this.#release(ownerOf(options?.owner));
  }

  override withLock<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions & OwnerOption): Promise<Awaited<T>> {
    return inContext(() => super.withLock(fn, options));
  }

  /** Whether anybody holds it, at this moment. */
  locked(): boolean {
    return Atomics.load(this.#words, HOLDER) !== 0;
  }

  /** As in Python: `<RLock(None, 0)>`, `<RLock(ThisProcess, 2)>`, `<RLock(SomeOtherProcess, nonzero)>`. */
  override toString(): string {
    const holder = holderOf(this.#words);
    const count = holder === 0 ? 0 : holder === thisThread.word ? this.#read(COUNT) : 'nonzero';
    return `<RLock(${ownerName(holder)}, ${count})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal Whether the caller owns it. */
  isMine(options?: OwnerOption): boolean {
    return this.#isOwnedBy(ownerOf(options?.owner));
  }

  /** @internal */
  giveUp(options?: OwnerOption): Held {
    this.#mustOwn('release', ownerOf(options?.owner));
    const held = { count: this.#read(COUNT), owner: this.#read(OWNER) };
    this.#words[COUNT] = 0;
    this.#free();
    return held;
  }

  /** @internal */
  async restore({ count, owner }: Held, options?: OwnerOption): Promise<void> {
    if (this.#line.isEmpty && tryTake(this.#words)) this.#taken(owner, count);
    else await this.#line.add(this.#attempt('acquire', ownerOf(options?.owner), owner, count, false), undefined);
  }

  /** @internal */
  restoreSync({ count, owner }: Held, options?: OwnerOption): void {
    if (tryTake(this.#words)) this.#taken(owner, count);
    else attemptSync(this.#attempt('acquireSync', ownerOf(options?.owner), owner, count, true), Deadline.never);
  }

  /** @internal */
  protected override releaser(options?: OwnerOption): () => void {
    const owner = ownerOf(options?.owner);
    return () => this.#release(owner);
  }

  #release(owner: Owner): void {
    this.#mustOwn('release', owner);
    const count = this.#read(COUNT) - 1;
    this.#words[COUNT] = count;
    if (count === 0) this.#free();
  }

  #free(): void {
    // Whoever waits in our own line sleeps, too, or was woken already.
    if (free(this.#words) < 0) this.#line.givenBack();
  }

  #tryAcquire(owner: Owner): boolean {
    if (this.#tryAgain(owner, 1)) return true;
    if (!tryTake(this.#words)) return false;
    this.#taken(owner.id, 1);
    return true;
  }

  #tryAgain(owner: Owner, times: number): boolean {
    if (!this.#isOwnedBy(owner)) return false;
    this.#words[COUNT] = this.#read(COUNT) + times;
    return true;
  }

  #taken(owner: number, count: number): void {
    this.#words[OWNER] = owner;
    this.#words[COUNT] = count;
  }

  /** @param id - as whom it is taken, when it becomes free */
  #attempt(method: string, owner: Owner, id: number, count: number, blocking: boolean): LockAttempt {
    return new LockAttempt(`RLock.${method}: waiting for the lock`, this.#words, this.#ownerDied, blocking, {
      again: () => this.#tryAgain(owner, count),
      taken: () => this.#taken(id, count),
    });
  }

  #isOwnedBy(owner: Owner): boolean {
    return holderOf(this.#words) === thisThread.word && isWithin(owner, this.#read(OWNER));
  }

  #read(index: number): number {
    return this.#words[index] as number;
  }

  #mustOwn(method: string, owner: Owner): void {
    if (this.#isOwnedBy(owner)) return;
    const holder = holderOf(this.#words);
    const who =
      holder === 0
        ? 'nobody holds it'
        : `it is held by ${holder === thisThread.word ? 'another task of this thread' : ownerName(holder)}`;
    throw new NotOwnerError(
      `RLock.${method}: attempt to release a recursive lock not owned by the caller: ${who}. Release it where it was acquired: in the same withLock(), or with the same { owner }.`,
    );
  }

  /** @internal */
  static reduce(lock: RLock): [Block, OwnerDied] {
    return [lock.#block, lock.#ownerDied];
  }

  /** @internal */
  static rebuild([block, ownerDied]: readonly [Block, OwnerDied]): RLock {
    return placement.rebuild(block, RLock, () => new RLock({ ownerDied }));
  }
}

const placement = new Placement();

register(RLock, {
  name: '@mp/synchronize/RLock',
  module: import.meta.url,
  reduce: RLock.reduce,
  rebuild: RLock.rebuild,
});
