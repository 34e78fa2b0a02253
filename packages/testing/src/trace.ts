/** What kinds of thing a test can leave behind. */
export type TraceKind = 'process' | 'descriptor' | 'mapping' | 'name' | 'loop';

/**
 * One thing that exists now and that a careless test could leave behind.
 *
 * Two traces with the same `kind` and `key` are interchangeable: what counts is the sum of their amounts.
 * So a second descriptor of the same socket is a leak, and a socket that was moved to another number is not.
 */
export interface Trace {
  readonly kind: TraceKind;
  readonly key: string;
  /** How much of it there is: bytes of a mapping, otherwise 1. */
  readonly amount: number;
  /** For the one who reads the failed test: what it is and how to recognise it. */
  readonly text: string;
}

/** The traces of `after` whose amount has grown since `before`. */
export function grown(before: readonly Trace[], after: readonly Trace[]): readonly Trace[] {
  const known = new Map<string, { amount: number; texts: Set<string> }>();
  const keyOf = (trace: Trace): string => `${trace.kind} ${trace.key}`;
  for (const trace of before) {
    const entry = known.get(keyOf(trace)) ?? { amount: 0, texts: new Set<string>() };
    entry.amount += trace.amount;
    entry.texts.add(trace.text);
    known.set(keyOf(trace), entry);
  }
  const result: Trace[] = [];
  for (const [key, traces] of Map.groupBy(after, keyOf)) {
    const was = known.get(key);
    const amount = traces.reduce((sum, trace) => sum + trace.amount, 0);
    if (amount <= (was?.amount ?? 0)) continue;
    // Name the new ones; where they look all the same, name each.
    const fresh = traces.filter((trace) => !was?.texts.has(trace.text));
    result.push(...(fresh.length > 0 ? fresh : traces));
  }
  return result;
}
