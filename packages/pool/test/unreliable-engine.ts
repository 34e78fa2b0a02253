import type { Engine, EngineEvents, EngineWorker, Request, Ticket } from '../src/engine.ts';
import { type Answer, DONE, INITIALIZE, MAP_EACH, UNKNOWN_FUNCTION } from '../src/protocol.ts';

/** What goes wrong, each with this probability. */
export interface Faults {
  /** An answer never arrives, and the worker goes on. */
  readonly lose?: number;
  /** An answer arrives some turns of the event loop later, and all later ones of that worker behind it. */
  readonly delay?: number;
  /** An answer arrives twice, the second time at any time later. */
  readonly duplicate?: number;
  /** The worker ends in the middle of a piece of work. */
  readonly die?: number;
  /** It has forgotten the function. */
  readonly forget?: number;
}

interface Piece {
  readonly request: Request;
  state: 'waiting' | 'begun' | 'revoked';
}

/** Workers that are neither processes nor threads, and of which nothing is certain but that their loss is told. */
export class UnreliableEngine implements Engine {
  readonly alive: Set<UnreliableWorker> = new Set();
  readonly random: (below: number) => number;
  readonly faults: Faults;
  /** How often a worker has run each item. */
  readonly runs: Map<unknown, number> = new Map();
  /** How many things are going to happen by themselves; 0: no worker has anything to do, or to say. */
  scheduled = 0;
  /** How often an answer came after one of the same worker that was lost. */
  gaps = 0;
  /** The same where nobody noticed: the worker was not told to end. */
  unnoticedGaps = 0;

  constructor(faults: Faults, random: (below: number) => number) {
    this.faults = faults;
    this.random = random;
  }

  startWorker(events: EngineEvents): EngineWorker {
    const worker = new UnreliableWorker(this, events);
    this.alive.add(worker);
    return worker;
  }

  happens(probability: number | undefined): boolean {
    return this.random(1_000_000) < (probability ?? 0) * 1_000_000;
  }

  /** In the next turn of the event loop. */
  soon(happens: () => void): void {
    this.scheduled++;
    setImmediate(() => {
      this.scheduled--;
      happens();
    });
  }

  /** The workers that will not say what came of something, and have said nothing since. */
  get silent(): UnreliableWorker[] {
    return [...this.alive].filter(({ unsaid }) => unsaid.length > 0);
  }

  waitSync(): void {
    throw new Error('nobody blocks here');
  }

  close(): void {}
}

let counted = 0;

class UnreliableWorker implements EngineWorker {
  readonly name: string = `Unreliable-${++counted}`;
  readonly pid: number = counted;
  readonly #engine: UnreliableEngine;
  readonly #events: EngineEvents;
  readonly #pieces: Piece[] = [];
  /** What its lost answers were for, as long as no later one has come. */
  readonly unsaid: Request[] = [];
  readonly #functions = new Map<number, Request['fn']>();
  /** Deliveries, in order: turns of the event loop to wait before each. */
  readonly #outbox: { turns: number; deliver: () => void }[] = [];
  #turning = false;
  #stopping = false;
  #killed = false;
  #dead = false;

  constructor(engine: UnreliableEngine, events: EngineEvents) {
    this.#engine = engine;
    this.#events = events;
  }

  submit(request: Request): Ticket | undefined {
    if (this.#dead || this.#pieces.length >= 8) return undefined;
    const piece: Piece = { request, state: 'waiting' };
    this.#pieces.push(piece);
    this.#turn();
    return piece;
  }

  get asleep(): boolean {
    return this.#pieces.length === 0;
  }

  takeBack(ticket: Ticket): boolean {
    const piece = ticket as Piece;
    if (piece.state === 'begun') return false;
    piece.state = 'revoked';
    return true;
  }

  stop(): void {
    this.#stopping = true;
    this.#turn();
  }

  kill(): void {
    this.#killed = true;
    this.#engine.soon(() => this.#die(-9));
  }

  linger(): boolean {
    return false;
  }

  memory(): undefined {
    return undefined;
  }

  keepLoopAlive(): void {}

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    this.#engine.soon(() => {
      this.#turning = false;
      if (this.#dead) return;
      this.#work();
      this.#deliver();
      if (this.#pieces.length > 0 || this.#outbox.length > 0) this.#turn();
      else if (this.#stopping) this.#die(0);
    });
  }

  #work(): void {
    const piece = this.#pieces.shift();
    if (piece === undefined || piece.state === 'revoked') return;
    piece.state = 'begun';
    const { faults } = this.#engine;
    if (this.#engine.happens(faults.die)) {
      this.#die(-11);
      return;
    }
    const answer = this.#answer(piece.request);
    if (this.#engine.happens(faults.lose)) {
      this.unsaid.push(piece.request);
      return;
    }
    const earlier = [...this.unsaid];
    const deliver = (): void => {
      this.#events.answered(this, answer, piece);
      this.#shows(earlier);
    };
    this.#outbox.push({ turns: this.#engine.happens(faults.delay) ? 1 + this.#engine.random(20) : 0, deliver });
    if (this.#engine.happens(faults.duplicate)) {
      let turns = this.#engine.random(10);
      const again = (): void => void (turns-- > 0 ? this.#engine.soon(again) : deliver());
      again();
    }
  }

  /** An answer has come, and shows that those to what is earlier will not. */
  #shows(earlier: readonly Request[]): void {
    const shown = earlier.filter((request) => this.unsaid.includes(request));
    if (shown.length === 0) return;
    for (const request of shown) this.unsaid.splice(this.unsaid.indexOf(request), 1);
    this.#engine.gaps++;
    if (!this.#killed) this.#engine.unnoticedGaps++;
  }

  #answer({ mode, functionId, fn, payload }: Request): Answer {
    if (fn !== undefined) this.#functions.set(functionId, fn);
    if (this.#engine.happens(this.#engine.faults.forget)) this.#functions.delete(functionId);
    const known = this.#functions.get(functionId) as ((item: unknown) => unknown) | undefined;
    if (known === undefined) return [UNKNOWN_FUNCTION];
    if (mode === INITIALIZE) return [DONE, undefined];
    const values = Array.from<unknown>(payload).map((item) => {
      this.#engine.runs.set(item, (this.#engine.runs.get(item) ?? 0) + 1);
      return known(item);
    });
    return [DONE, mode === MAP_EACH ? { values, errors: [] } : values];
  }

  #deliver(): void {
    while (this.#outbox.length > 0 && (this.#outbox[0]?.turns ?? 0) <= 0) this.#outbox.shift()?.deliver();
    const [first] = this.#outbox;
    if (first !== undefined) first.turns--;
  }

  #die(exitCode: number): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#engine.alive.delete(this);
    // What was sent before the end arrives before the news of the end.
    for (const { deliver } of this.#outbox) deliver();
    this.#events.lost(this, { worker: this.name, pid: this.pid, exitCode });
  }
}
