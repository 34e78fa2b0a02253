import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countTests } from '../checks/test.mjs';

test('the closing lines of all runs are added up, coloured and prefixed or not', () => {
  const output = [
    '\x1b[2m Test Files \x1b[22m \x1b[1m1 passed\x1b[22m (1)',
    '\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m5 passed\x1b[39m\x1b[22m\x1b[90m (5)\x1b[39m',
    '@mp/pool:test:       Tests  1 failed | 7 passed | 2 skipped (10)',
    'Tests are fun (3)',
  ].join('\n');
  assert.deepEqual(countTests(output), { passed: 12, failed: 1, skipped: 2 });
});
