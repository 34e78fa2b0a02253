/** How large the work of a row is: what the programs of all participants get, whatever language they are written in. */
export type Sizes = Readonly<Record<string, number>>;

/** What a program reports of one round. Times are in seconds, memory is in bytes. */
export type Report = Readonly<Record<string, number>>;

/** How fast is fast enough. */
export type Goal =
  /** So many times better than CPython. */
  | { readonly kind: 'times'; readonly value: number }
  /** The figure itself, whatever CPython's is. */
  | { readonly kind: 'at least' | 'at most'; readonly value: number };

/** What the machine allows: a program that does nothing but the part that nobody can do without. */
export interface Limit {
  readonly name: string;
  /** Its source, seen from the folder of the row: C, or TypeScript. It reports as the participants do. */
  readonly source: string;
  /** The arguments of a C program. One in TypeScript gets the sizes. */
  readonly args?: (sizes: Sizes) => readonly number[];
  /** Our figure may be so many times the limit's at the most; part of the goal. */
  readonly atMost?: number;
}

/**
 * A row of the table: some work, and what is fast enough. It is called as its folder in `rows/`.
 *
 * The folder holds a program for each participant, and their names say for whom they are:
 *
 *     child-ours.ts         exports this description and our program
 *     child-cpython.py      CPython's
 *     child-PEER.ts         that of a Node peer (see peers.ts)
 *     child-node-pools.ts   that of all the pools among them
 */
export interface Row<S extends Sizes = Sizes, R extends Report = Report> {
  /** The work, in a few words. */
  readonly work: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly goal: Goal;
  /** For a figure that can be relied on, and for a short look. */
  readonly sizes: { readonly full: S; readonly quick: S };
  /** The figure of a round. */
  figure(report: R, sizes: S): number;
  /**
   * What some fields of a report have to be. Anything else is a wrong result, which fails the row.
   *
   * @param participant - whose report it is: not all of them can do the work at the same size
   */
  expected(sizes: S, report: R, participant: string): Readonly<Record<string, number>>;
  readonly limits?: readonly Limit[];
  /** Another row, whose programs of CPython and of the Node peers do this work as well; those in this folder come first. */
  readonly othersAs?: string;
  /** Why somebody has no program here, by name: `cpython`, a Node peer, or `node-pools` for all the pools among them. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** What a reader of the numbers has to know about them. */
  readonly notes?: readonly string[];
}
