import { checkLeaks } from '@mp/testing';

/** Checks after each test that nothing is left of it. To be called once, first in a file of tests. */
export function checkNothingLeft(): void {
  checkLeaks({ allow: [{ leak: /mp-arena/, because: 'one empty arena is kept for the next block' }] });
}
