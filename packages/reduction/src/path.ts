/** A step on the way to a value: a property, an index, or words such as `.get("key")`. */
export type Step = string | number | { readonly words: string };

/** The steps to an object whose contents are read later, linked instead of copied: chains may be very long. */
export interface Prefix {
  readonly before: Prefix | undefined;
  readonly steps: readonly Step[];
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const SHOWN = 24;

function show(step: Step): string {
  if (typeof step === 'number') return `[${step}]`;
  if (typeof step === 'object') return step.words;
  return IDENTIFIER.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** The expression that leads from the root to a value; a very long one is cut in the middle. */
export function renderPath(root: string, prefix: Prefix | undefined, steps: readonly Step[]): string {
  const all: (readonly Step[])[] = [steps];
  for (let link = prefix; link !== undefined; link = link.before) all.push(link.steps);
  const flat = all.reverse().flat();
  if (flat.length <= 2 * SHOWN) return root + flat.map(show).join('');
  const cut = `…(${flat.length - 2 * SHOWN} more)…`;
  return root + flat.slice(0, SHOWN).map(show).join('') + cut + flat.slice(-SHOWN).map(show).join('');
}

/** A key of a property as a step. */
export const stepOf = (key: string | symbol): Step => (typeof key === 'string' ? key : { words: `[${String(key)}]` });
