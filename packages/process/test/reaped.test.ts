// @module-tag every-node
import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';
import { startMethods } from './start-methods.ts';

checkLeaks();

// Children by forkserver are not ours, so nobody but the server can wait for them.
test.each(startMethods.filter((method) => method !== 'forkserver'))(
  'by %s: a join ends also if somebody else in the process has waited for the child; how it ended is not known then',
  async (method) => {
    const { stdout, stderr, code } = await nodeChild(new URL('./fixtures/programs/reaped.ts', import.meta.url), {
      args: [method],
      limit: 20_000,
    });
    expect(stdout.trimEnd().split('\n')).toEqual([
      'join before: true 255 false 0',
      'join after: true 255 false 0',
      'joinSync: true 255 false 0',
      'known: 7',
      'join when it was known: true 7 false 0',
    ]);
    expect([stderr, code]).toEqual(['', 0]);
  },
);
