import { SNAPSHOT } from '../snapshot.ts';

/** Named values in the server of a manager. Python: `multiprocessing.managers.SyncManager.Namespace`. */
export class ManagedNamespace<T extends object = Record<string, unknown>> {
  readonly #fields: Map<string, unknown>;

  constructor(init: Partial<T> = {}) {
    this.#fields = new Map(Object.entries(init));
  }

  get<K extends keyof T & string>(name: K): T[K] {
    return this.#fields.get(name) as T[K];
  }

  set<K extends keyof T & string>(name: K, value: T[K]): void {
    if (typeof name !== 'string') throw new TypeError(`Namespace.set: the name is ${String(name)}, which is no text.`);
    this.#fields.set(name, value);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** Whether it was there. */
  delete(name: string): boolean {
    return this.#fields.delete(name);
  }

  keys(): string[] {
    return [...this.#fields.keys()];
  }

  [SNAPSHOT](): object {
    return Object.fromEntries(this.#fields);
  }
}
