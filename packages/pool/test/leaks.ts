import type { Allowance } from '@mp/testing';

/** For tests that send large messages. */
export const withSegments: { readonly allow: readonly Allowance[] } = {
  allow: [
    { leak: /\/memfd:mp-segment/, because: 'memory of large messages is kept for the next ones for ten seconds' },
  ],
};
