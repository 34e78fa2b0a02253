import { randomUUID } from 'node:crypto';
import type { Call } from './call.ts';
import type { ObjectTable } from './object-table.ts';
import type { ServedObject } from './served-object.ts';

/** A thread of a process that uses the objects of a server, as the server sees it. */
export class Client {
  /** Nobody else can guess it. */
  readonly id: string;
  /** Issues the tickets of proxies in answers to it. */
  readonly answers: string = randomUUID();
  /** The process, as it said itself. */
  readonly pid: number;
  readonly #objects: ObjectTable;
  readonly #references = new Map<ServedObject, number>();
  readonly #endings = new Set<() => void>();
  readonly #calls = new Set<Call>();
  #ended = false;

  constructor(id: string, pid: number, objects: ObjectTable) {
    this.id = id;
    this.pid = pid;
    this.#objects = objects;
  }

  /** Whether it has ended, or lost its connection for good. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Calls `fn` once when the client ends, unless the function that is returned was called before. */
  onEnd(fn: () => void): () => void {
    this.#endings.add(fn);
    return () => this.#endings.delete(fn);
  }

  /** A call of it is under way. */
  begin(call: Call): void {
    this.#calls.add(call);
  }

  finish(call: Call): void {
    this.#calls.delete(call);
  }

  /** It refers to an object once more. */
  refer(object: ServedObject): void {
    this.#references.set(object, (this.#references.get(object) ?? 0) + 1);
    this.#objects.hold(object);
  }

  /** Once less. */
  release(object: ServedObject): void {
    const count = this.#references.get(object);
    if (count === undefined) return;
    if (count === 1) this.#references.delete(object);
    else this.#references.set(object, count - 1);
    this.#objects.letGo(object);
  }

  /** It is gone: nobody waits for its calls, what it held is released, what it referred to is let go. */
  end(reason: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const call of [...this.#calls]) call.abort(reason);
    for (const ending of [...this.#endings]) ending();
    this.#endings.clear();
    for (const [object, count] of this.#references) for (let i = 0; i < count; i++) this.#objects.letGo(object);
    this.#references.clear();
  }
}
