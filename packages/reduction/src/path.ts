/** A step on the way to a value: a property, an index, or the words of a {@link Way}. */
export type Step = unknown;

/** How a step leads on. */
export const Way = {
  /** the step is a name, an index or a symbol */
  Property: 0,
  /** the step is the key itself */
  MapValue: 1,
  /** the step is a position */
  MapKey: 2,
  /** the step is a position */
  SetMember: 3,
  /** the step is a position among the captured values */
  Captured: 4,
  /** the step is words: `.reduce()` */
  Words: 5,
  /** the step is the key */
  Key: 6,
} as const;
export type Way = (typeof Way)[keyof typeof Way];

/** Steps with their ways, one array each: the reducer fills them in for every value and mostly nobody looks. */
export interface Steps {
  readonly steps: readonly Step[];
  readonly ways: readonly Way[];
}

/** The steps to an object whose contents are read later, linked instead of copied: chains may be very long. */
export interface Prefix extends Steps {
  readonly before: Prefix | undefined;
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const SHOWN = 24;

function property(name: unknown): string {
  if (typeof name === 'number') return `[${name}]`;
  if (typeof name !== 'string') return `[${String(name)}]`;
  return IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function show(step: unknown, way: Way | undefined): string {
  switch (way) {
    case Way.MapValue:
      if (typeof step === 'string') return `.get(${JSON.stringify(step)})`;
      return Object(step) === step ? '.get({…})' : `.get(${String(step)})`;
    case Way.MapKey:
      return `.keys()[${String(step)}]`;
    case Way.SetMember:
      return `.values()[${String(step)}]`;
    case Way.Captured:
      return `.captured[${String(step)}]`;
    case Way.Words:
      return String(step);
    case Way.Key:
      return `[the key ${String(step)}]`;
    default:
      return property(step);
  }
}

/** The expression that leads from the root to a value; a very long one is cut in the middle. */
export function renderPath(root: string, prefix: Prefix | undefined, last: Steps): string {
  const parts: Steps[] = [last];
  for (let link = prefix; link !== undefined; link = link.before) parts.push(link);
  const shown = parts.reverse().flatMap(({ steps, ways }) => steps.map((step, i) => show(step, ways[i])));
  if (shown.length <= 2 * SHOWN) return root + shown.join('');
  const cut = `…(${shown.length - 2 * SHOWN} more)…`;
  return root + shown.slice(0, SHOWN).join('') + cut + shown.slice(-SHOWN).join('');
}
