import type { Allowance } from '@mp/testing';

/** What the leak check is to put up with in all tests of this package. */
export const leaks: { readonly allow: readonly Allowance[] } = {
  allow: [
    {
      leak: /^shared memory \/dev\/shm\//,
      because: 'nothing here makes names there, and tests of other packages that run beside us do',
    },
  ],
};
