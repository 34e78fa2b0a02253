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

/** For tests that send large messages. */
export const withSegments: { readonly allow: readonly Allowance[] } = {
  allow: [
    ...leaks.allow,
    { leak: /\/memfd:mp-segment/, because: 'memory of large messages is kept for the next ones for ten seconds' },
  ],
};
