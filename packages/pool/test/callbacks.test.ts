import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';
import { kinds } from './kinds.ts';

checkLeaks();

test.each(kinds)(
  'callbacks may throw, block the thread for the same pool, and end it: nobody suffers (%s)',
  async (kind) => {
    const { stdout, stderr, code } = await nodeChild(new URL('./fixtures/programs/callbacks.ts', import.meta.url), {
      args: [kind],
    });
    expect(stdout.trimEnd().split('\n')).toEqual([
      'callback 9',
      'onProgress [ 1, 4 ]',
      'others [ 1, 4, 9, 16, 25, 36 ]',
      'uncaught callback, errorCallback, onProgress, task channel',
      'blocks in callback [ 49, 64 ]',
      'blocks in errorCallback [ 49, 64 ]',
      'blocks in onProgress [ 49, 64 ]',
      'blocks in an input [ 1, 16, 81 ]',
      'several wait [ 1, 16, 81 ]',
      'terminates 50',
      'joined',
    ]);
    expect([stderr, code]).toEqual(['', 0]);
  },
);
