import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AbortError, TimeoutError } from '@mp/errors';
import { ParticipantLostError, ProtocolError } from './errors.ts';
import { ProcessGroup } from './process-group.ts';
import type { Report } from './row.ts';

/** How a program is started. */
export interface Command {
  /** Whose program it is, for messages. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface RequestOptions {
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** How long a program may take to end what it has started, before it is killed. */
const GRACE_MS = 10_000;
/** So much of what a program wrote to its standard error is kept, for the message if it fails. */
const LAST_WORDS = 4_000;

type Answer = { readonly ready: true } | { readonly report: Report };

/**
 * The program of a participant, in a process of its own; child-run.ts shows what is said between the two.
 *
 * It leads a process group: when it ends, or has to be killed, so does everything that it started.
 */
export class Participant implements AsyncDisposable {
  readonly name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #group: ProcessGroup | undefined;
  /** Resolves when the program and all that it started have ended, and everything that was printed is read. */
  readonly #closed: Promise<void>;
  #pending: { resolve(answer: Answer): void; reject(error: unknown): void } | undefined;
  #lost: ParticipantLostError | ProtocolError | undefined;
  #lastWords = '';

  private constructor({ name, file, args, env }: Command) {
    this.name = name;
    const child = spawn(file, args, { detached: true, stdio: 'pipe', env: { ...process.env, ...env } });
    this.#child = child;
    const group = child.pid === undefined ? undefined : new ProcessGroup(child.pid);
    this.#group = group;
    // It may be gone before it has read everything; its end tells more than that.
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    });
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line));
    this.#closed = new Promise((resolve) => {
      child.once('error', (cause) => {
        this.#lose(new ParticipantLostError(`${name}: ${file} could not be started.`, { ...NO_END, cause }));
        resolve();
      });
      // What it has left behind would hold its output open.
      let ended: Promise<void> | undefined;
      child.once('exit', () => {
        ended = group?.end();
      });
      child.once('close', (exitCode, signal) => {
        const how = signal === null ? `with exit code ${exitCode}` : `by ${signal}`;
        const words = this.#lastWords.trim();
        this.#lose(new ParticipantLostError(`${name} ended ${how}.${words && `\n${words}`}`, { exitCode, signal }));
        resolve(ended);
      });
    });
  }

  /**
   * Starts a program, and waits until it is ready.
   *
   * @throws ParticipantLostError if it ends before that; TimeoutError, AbortError: it was killed
   */
  static async start(command: Command, options: RequestOptions): Promise<Participant> {
    const participant = new Participant(command);
    try {
      await participant.#answer('to be ready', options);
    } catch (error) {
      await participant.kill();
      throw error;
    }
    return participant;
  }

  /** Lets it do enough of its work that rounds run at full speed. */
  async warm(options: RequestOptions): Promise<void> {
    await this.#request('warm', options);
  }

  /**
   * One round.
   *
   * @throws ParticipantLostError; TimeoutError, AbortError: it works on, so {@link kill} it
   */
  async round(options: RequestOptions): Promise<Report> {
    const answer = await this.#request('round', options);
    if (!('report' in answer)) throw new ProtocolError(`${this.name} answered a round without a report.`);
    return answer.report;
  }

  /**
   * Lets it end what it has started; kills it if that takes too long.
   *
   * @throws ParticipantLostError if it has not ended well; TimeoutError if it had to be killed
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void this.kill();
    }, GRACE_MS);
    await this.#closed;
    clearTimeout(timer);
    if (late) {
      throw new TimeoutError(`${this.name} had not ended ${GRACE_MS} ms after it was told to; it was killed.`, {
        timeout: GRACE_MS,
      });
    }
    if (this.#lost !== undefined && !(this.#lost instanceof ParticipantLostError && this.#lost.exitCode === 0)) {
      throw this.#lost;
    }
  }

  /** Ends it, and everything that it has started, at once. */
  async kill(): Promise<void> {
    this.#group?.endSoon();
    await this.#closed;
  }

  #request(command: 'warm' | 'round', options: RequestOptions): Promise<Answer> {
    this.#child.stdin.write(`${command}\n`);
    return this.#answer(command === 'warm' ? 'to warm up' : 'for a round', options);
  }

  #answer(purpose: string, { timeout, signal }: RequestOptions): Promise<Answer> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => {
      const message = `${this.name} took longer than ${timeout} ms ${purpose}; it is ended.`;
      reject(new TimeoutError(message, { timeout }));
    }, timeout);
    const abort = (): void => {
      reject(new AbortError(`Waiting for ${this.name} ${purpose} was aborted.`, { cause: signal?.reason }));
    };
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    this.#pending = { resolve, reject };
    return promise.finally(() => {
      this.#pending = undefined;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
  }

  #hear(line: string): void {
    const answer = answerOf(line);
    if (answer === undefined || this.#pending === undefined) {
      this.#lose(new ProtocolError(`${this.name} printed ${JSON.stringify(line)}, which is no answer to anything.`));
      return;
    }
    this.#pending.resolve(answer);
  }

  #lose(error: ParticipantLostError | ProtocolError): void {
    this.#lost ??= error;
    this.#pending?.reject(this.#lost);
  }
}

const NO_END = { exitCode: null, signal: null };

function answerOf(line: string): Answer | undefined {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { ready, report } = (said ?? {}) as { readonly ready?: unknown; readonly report?: unknown };
  if (ready === true) return { ready };
  if (typeof report !== 'object' || report === null) return undefined;
  return Object.values(report).every((value) => typeof value === 'number') ? { report: report as Report } : undefined;
}
