import { MAP, type MAP_EACH, type Outcomes } from './protocol.ts';
import type { Work } from './work.ts';

/** What all chunks of one imap have in common. */
export interface ChunkPlan {
  readonly mode: typeof MAP | typeof MAP_EACH;
  readonly functionId: number;
  readonly fn: (...args: never[]) => unknown;
  readonly task: string;
  /** Its results are there, or the error that stands for all of them. */
  readonly answered: (chunk: ImapChunk) => void;
}

/** What became of one item. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

const NO_ERRORS: ReadonlyMap<number, unknown> = new Map();

/** Some items of an imap that travel together, mostly one, and what became of them. */
export class ImapChunk implements Work {
  readonly payload: readonly unknown[];
  readonly first: number;
  retries: number;
  readonly #plan: ChunkPlan;
  #values: readonly unknown[] | undefined;
  #errors = NO_ERRORS;
  #taken = 0;

  constructor(plan: ChunkPlan, payload: readonly unknown[], first: number, retries: number) {
    this.#plan = plan;
    this.payload = payload;
    this.first = first;
    this.retries = retries;
  }

  get mode(): typeof MAP | typeof MAP_EACH {
    return this.#plan.mode;
  }

  get functionId(): number {
    return this.#plan.functionId;
  }

  get fn(): (...args: never[]) => unknown {
    return this.#plan.fn;
  }

  get task(): string {
    return this.#plan.task;
  }

  done(results: unknown): void {
    if (this.#plan.mode === MAP) this.#values = results as readonly unknown[];
    else {
      const { values, errors } = results as Outcomes;
      this.#values = values;
      if (errors.length > 0) this.#errors = new Map(errors);
    }
    this.#plan.answered(this);
  }

  failed(error: unknown): void {
    this.#values = this.payload;
    this.#errors = new Map(this.payload.map((_, index) => [index, error]));
    this.#plan.answered(this);
  }

  get isAnswered(): boolean {
    return this.#values !== undefined;
  }

  /** All that it has was taken. */
  get isEmpty(): boolean {
    return this.#taken === this.payload.length;
  }

  /** What became of the next of its items. Undefined: nothing yet. */
  take(): Outcome | undefined {
    if (this.#values === undefined) return undefined;
    const index = this.#taken++;
    return this.#errors.has(index) ? { error: this.#errors.get(index) } : { value: this.#values[index] };
  }
}
