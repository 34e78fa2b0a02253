import { inspect } from 'node:util';
import type { Readiness, Waitable } from '@mp/connection';
import { DescriptorReadiness, wait, waitable, waitSync } from '@mp/connection/internal';
import { isProcessAlive, openProcess, type WaitOptions } from '@mp/native';
import { registerLocal } from '@mp/reduction';

/**
 * The process that started this one, as {@link parentProcess} returns it.
 *
 * A child ends soon after its parent, however the parent ended; so waiting for it is mostly of use to tell what it did
 * not finish. Python: the object of `multiprocessing.parent_process()`.
 */
export class ParentProcess implements Waitable {
  /** The number of the process in the system. */
  readonly pid: number;
  /** What it is called in messages. */
  readonly name: string;
  /** Not known to a child. */
  readonly exitCode: null = null;
  readonly #startTime: bigint;
  #sentinel: number | undefined;

  /** @internal */
  constructor({ pid, name, startTime }: { readonly pid: number; readonly name: string; readonly startTime: bigint }) {
    this.pid = pid;
    this.name = name;
    this.#startTime = startTime;
  }

  /** Whether it still runs. Another process that got the same number is not taken for it. */
  isAlive(): boolean {
    return isProcessAlive(this.pid, this.#startTime);
  }

  /** Waits until it has ended. @returns false if the time was over first */
  async join(options?: WaitOptions): Promise<boolean> {
    return !this.isAlive() || (await wait([this], options)).length > 0;
  }

  /** {@link join}, blocking the thread. */
  joinSync(options?: { readonly timeout?: number | undefined }): boolean {
    return !this.isAlive() || waitSync([this], options).length > 0;
  }

  /** @internal */
  get [waitable](): Readiness {
    this.#sentinel ??= openProcess(this.pid);
    return new DescriptorReadiness(this.#sentinel);
  }

  [inspect.custom](): string {
    return `<ParentProcess name='${this.name}' pid=${this.pid} ${this.isAlive() ? 'started' : 'ended'}>`;
  }
}

registerLocal(ParentProcess, 'stands for the parent of this process. Call parentProcess() there, or pass its pid');
