/**
 * How far a child has come that was given a plain order, what it runs, and whether it has loaded this package
 * nevertheless. Everything else learns from it whether it is in such a child; so this module imports nothing.
 */
export const newborn: Newborn = { stage: 'none', isGrown: false, target: undefined, args: [] };

interface Newborn {
  stage: 'none' | 'importing' | 'running';
  isGrown: boolean;
  target: ((...args: never[]) => unknown) | undefined;
  args: readonly unknown[];
}
