import { createRequire } from 'node:module';
import type { Packr } from 'msgpackr';

/**
 * msgpackr, in copies of our own.
 *
 * Its tables of extensions belong to the module, not to a Packr: `addExtension` of a user would change our format, and
 * ours would change the user's. So the file is loaded apart from the one that `import 'msgpackr'` finds.
 *
 * There are two copies. The first (portable.ts) has not msgpackr's native string extractor, whose search for the right
 * binary takes longer (6 ms of 13) than a short-lived process gains by it. The second (accelerated.ts), with it, takes
 * over when enough has been decoded to pay for that.
 */
export interface Copy {
  readonly Packr: typeof Packr;
  readonly C1: object;
  clearSource(): void;
  addExtension(extension: { type: number; unpack: () => never }): void;
}

/** Loads the file once more, apart from whatever `require('msgpackr')` has given or will give to others. */
export function loadCopy(): Copy {
  const require = createRequire(import.meta.url);
  const file = require.resolve('msgpackr');
  const shared = require.cache[file];
  delete require.cache[file];
  try {
    return require(file) as Copy;
  } finally {
    if (shared === undefined) delete require.cache[file];
    else require.cache[file] = shared;
  }
}
