import { checkLeaks } from '@mp/testing';

/** Checks after each test that nothing is left of it. To be called once, first in a file of tests. */
export function checkNothingLeft(): void {
  checkLeaks({
    allow: [
      {
        leak: /\/dev\/shm\//,
        because: 'no scenario makes names yet, and the folder is common to all programs that run on the machine',
      },
    ],
  });
}
