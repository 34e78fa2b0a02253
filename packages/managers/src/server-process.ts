import { type Address, type Connection, Pipe } from '@mp/connection';
import type { Context } from '@mp/context';
import { TimeoutError } from '@mp/errors';
import type { WaitOptions } from '@mp/native';
import { Process } from '@mp/process';
import { relocate } from '@mp/process/internal';
import { ManagerLostError } from './errors.ts';
import { type Readiness, type ServePlan, serve } from './server/main.ts';

/** So long it may take to end after having been asked by SIGTERM. */
const TERMINATE_MS = 1_000;

/** The process that a manager has started for its server. */
export class ServerProcess {
  readonly process: Process;
  readonly #plan: ServePlan;
  readonly #ours: Connection<Readiness, never>;
  readonly #theirs: Connection<never, Readiness>;

  /** @param name - of the class of the manager */
  constructor(name: string, plan: ServePlan, context: Context | undefined) {
    const [ours, theirs] = Pipe<Readiness, never>({ duplex: false });
    this.#plan = plan;
    this.#ours = ours;
    this.#theirs = theirs as Connection<never, Readiness>;
    // It ends with this process, and does not keep it alive.
    this.process = new Process({ target: serve, args: [this.#theirs, plan], daemon: true, context }) as Process;
    this.process.name = this.process.name.replace(/^\w+/, name);
  }

  /** Where it serves. */
  async start(options: WaitOptions | undefined): Promise<Address> {
    try {
      await this.process.start();
      this.#theirs.close();
      return addressIn(await this.#ours.recv(options));
    } catch (error) {
      throw await this.#explain(error);
    } finally {
      this.#closePipe();
    }
  }

  startSync(): Address {
    try {
      this.process.startSync();
      this.#theirs.close();
      return addressIn(this.#ours.recvSync());
    } catch (error) {
      throw this.#explainSync(error);
    } finally {
      this.#closePipe();
    }
  }

  /** Waits for its end; after `timeout` milliseconds it is made to end. */
  async end(timeout: number): Promise<void> {
    if (await this.process.join({ timeout })) return;
    this.process.terminate();
    if (await this.process.join({ timeout: TERMINATE_MS })) return;
    this.process.kill();
    await this.process.join();
  }

  /** {@link end}, blocking the thread. */
  endSync(timeout: number): void {
    if (this.process.joinSync({ timeout })) return;
    this.process.terminate();
    if (this.process.joinSync({ timeout: TERMINATE_MS })) return;
    this.process.kill();
    this.process.joinSync();
  }

  async #explain(error: unknown): Promise<unknown> {
    if (this.process.pid === undefined) return relocate(error, pathIn(this.#plan));
    if (!isSilence(error)) {
      await this.end(0);
      return error instanceof TimeoutError ? this.#tooSlow(error) : error;
    }
    await this.process.join();
    return this.#ended();
  }

  #tooSlow({ timeout }: TimeoutError): TimeoutError {
    return new TimeoutError(`start: ${this.process.name} did not serve within ${timeout} ms, and was ended.`, {
      timeout,
    });
  }

  #explainSync(error: unknown): unknown {
    if (this.process.pid === undefined) return relocate(error, pathIn(this.#plan));
    this.endSync(isSilence(error) ? Number.POSITIVE_INFINITY : 0);
    return isSilence(error) ? this.#ended() : error;
  }

  #ended(): ManagerLostError {
    const { name, exitCode, error } = this.process;
    return new ManagerLostError(
      `start: ${name} ended with exit code ${exitCode} before it could serve.`,
      error === undefined ? {} : { cause: error },
    );
  }

  #closePipe(): void {
    this.#theirs.close();
    this.#ours.close();
  }
}

/** From where a value lies in what the process is given to where the user has written it. */
const pathIn =
  ({ types }: ServePlan) =>
  (path: string): string =>
    path
      .replace(/^args\[1\]\.types\[(\d+)\]\[1\]/, (_, index) => `register('${types[Number(index)]?.[0]}')`)
      .replace(/^args\[1\]\./, '');

const isSilence = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'ERR_MP_EOF';

function addressIn(readiness: Readiness): Address {
  if ('failed' in readiness) throw readiness.failed;
  return readiness.address;
}
