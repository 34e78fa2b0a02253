import { growUpIfNewborn } from './child/grow-up.ts';
import { self } from './self.ts';

/**
 * This process may have children though it is daemonic: the workers of a pool, which end theirs when they end, and whose
 * children end with them if they are killed.
 */
export function allowChildren(): void {
  self.mayHaveChildren = true;
}

growUpIfNewborn();
