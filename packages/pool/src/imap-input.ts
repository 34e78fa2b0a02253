/** How long an input is read before timers and other events get their turn, in milliseconds. */
const TURN_MS = 8;

/** What is done with what was read. */
export interface InputHandler {
  /** Whether one more item may be read. */
  wants(): boolean;
  item(value: unknown): void;
  /** There is no more: the input is at its end, has failed, or was closed. Called once. */
  ended(failure: { readonly error: unknown } | undefined): void;
}

/** Reads an iterable or async iterable, never further than is wanted. */
export class ImapInput {
  readonly #handler: InputHandler;
  readonly #sync: Iterator<unknown> | undefined;
  readonly #async: AsyncIterator<unknown> | undefined;
  #reading = false;
  #ended = false;
  #later: NodeJS.Immediate | undefined;

  constructor(items: Iterable<unknown> | AsyncIterable<unknown>, handler: InputHandler) {
    this.#handler = handler;
    if (isAsyncIterable(items)) this.#async = items[Symbol.asyncIterator]();
    else this.#sync = items[Symbol.iterator]();
  }

  /** Only the event loop can bring more. */
  get isAsync(): boolean {
    return this.#async !== undefined && !this.#ended;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Reads as long as more is wanted. */
  read(): void {
    if (this.#reading || this.#ended) return;
    this.#reading = true;
    if (this.#async === undefined) this.#readSync(this.#sync as Iterator<unknown>);
    else void this.#readAsync(this.#async);
  }

  /** Reads no more, because of a failure or not, and lets go of the input. What it throws at that is lost. */
  close(failure?: { readonly error: unknown }): void {
    if (this.#ended) return;
    this.#end(failure);
    try {
      if (this.#async !== undefined) void Promise.resolve(this.#async.return?.()).catch(() => {});
      else this.#sync?.return?.();
    } catch {}
  }

  #readSync(input: Iterator<unknown>): void {
    let until = 0;
    try {
      for (let count = 1; !this.#ended && this.#handler.wants(); count++) {
        // Mostly it is one item in the place of one that was taken.
        if (count === 2) until = performance.now() + TURN_MS;
        else if (count % 64 === 0 && performance.now() > until) {
          this.#later ??= setImmediate(() => {
            this.#later = undefined;
            this.read();
          });
          break;
        }
        const { done, value } = input.next();
        if (done) this.#end(undefined);
        else this.#handler.item(value);
      }
    } catch (error) {
      this.#end({ error });
    } finally {
      this.#reading = false;
    }
  }

  async #readAsync(input: AsyncIterator<unknown>): Promise<void> {
    let until = performance.now() + TURN_MS;
    try {
      for (let count = 1; !this.#ended && this.#handler.wants(); count++) {
        // One that always has more at hand would never let the event loop turn.
        if (count % 64 === 0 && performance.now() > until) {
          await new Promise(setImmediate);
          until = performance.now() + TURN_MS;
          if (this.#ended) return;
        }
        const { done, value } = await input.next();
        if (this.#ended) return;
        if (done) this.#end(undefined);
        else this.#handler.item(value);
      }
    } catch (error) {
      this.#end({ error });
    } finally {
      this.#reading = false;
    }
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    clearImmediate(this.#later);
    this.#handler.ended(failure);
  }
}

export const isAsyncIterable = <T>(items: Iterable<T> | AsyncIterable<T>): items is AsyncIterable<T> =>
  typeof (items as Partial<AsyncIterable<T>> | undefined | null)?.[Symbol.asyncIterator] === 'function';
