import type { ObjectTable } from './object-table.ts';
import type { ServedObject } from './served-object.ts';

/** How long an object is kept for a proxy whose sender has ended and that nobody has received yet. */
const GRACE_MS = 60_000;
/** A client that is not one of ours could fill the memory. */
const MOST_EARLY = 10_000;

interface Issuer {
  /** The number of its latest ticket. Tickets of one issuer come in order. */
  last: number;
  readonly open: Map<number, ServedObject>;
  /** Redeemed before they came: the two came by different connections. */
  readonly early: Set<number>;
  grace: NodeJS.Timeout | undefined;
}

/**
 * Proxies that are on their way from one process to another. Whoever sends one leaves a ticket here, which keeps the
 * object alive; whoever receives it redeems the ticket, and from then on keeps the object alive itself.
 *
 * A proxy that is received twice, out of one pickle, redeems its ticket twice; the second time that changes nothing. One
 * that nobody ever receives keeps its object alive until a minute after its sender has ended.
 */
export class Tickets {
  readonly #objects: ObjectTable;
  readonly #issuers = new Map<string, Issuer>();

  constructor(objects: ObjectTable) {
    this.#objects = objects;
  }

  /** A client that may issue tickets from now on. */
  admit(issuer: string): void {
    const known = this.#issuers.get(issuer);
    if (known === undefined) {
      this.#issuers.set(issuer, { last: 0, open: new Map(), early: new Set(), grace: undefined });
      return;
    }
    clearTimeout(known.grace);
    known.grace = undefined;
  }

  issue(issuer: string, ticket: number, object: ServedObject): void {
    const tickets = this.#issuers.get(issuer);
    if (tickets === undefined || tickets.open.has(ticket)) return;
    tickets.last = Math.max(tickets.last, ticket);
    if (tickets.early.delete(ticket)) return;
    this.#objects.hold(object);
    tickets.open.set(ticket, object);
  }

  redeem(issuer: string, ticket: number): void {
    const tickets = this.#issuers.get(issuer);
    if (tickets === undefined) return;
    const object = tickets.open.get(ticket);
    if (object !== undefined) {
      tickets.open.delete(ticket);
      this.#objects.letGo(object);
      this.#forget(issuer, tickets);
    } else if (ticket > tickets.last && tickets.early.size < MOST_EARLY) {
      tickets.early.add(ticket);
    }
  }

  /** The issuer has ended; what it has sent may still be received. */
  issuerEnded(issuer: string): void {
    const tickets = this.#issuers.get(issuer);
    if (tickets === undefined) return;
    tickets.grace = setTimeout(() => {
      this.#issuers.delete(issuer);
      for (const object of tickets.open.values()) this.#objects.letGo(object);
    }, GRACE_MS);
    tickets.grace.unref();
    this.#forget(issuer, tickets);
  }

  /** Nobody will receive anything of it any more. */
  cancel(issuer: string): void {
    const tickets = this.#issuers.get(issuer);
    this.#issuers.delete(issuer);
    if (tickets !== undefined) for (const object of tickets.open.values()) this.#objects.letGo(object);
  }

  close(): void {
    for (const { grace } of this.#issuers.values()) clearTimeout(grace);
    this.#issuers.clear();
  }

  /** Once it has ended, and nothing of it is under way any more. */
  #forget(issuer: string, tickets: Issuer): void {
    if (tickets.grace === undefined || tickets.open.size > 0) return;
    clearTimeout(tickets.grace);
    this.#issuers.delete(issuer);
  }
}
