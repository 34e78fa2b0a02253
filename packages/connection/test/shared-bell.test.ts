import { setImmediate as nextTurn } from 'node:timers/promises';
import { pollTwoSync, READABLE, ringDoorbell } from '@mp/native';
import { expect, test } from 'vitest';
import { endOf } from './fixtures/peers.ts';
import { checkConnectionLeaks, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

test('a ring is not lost to a holder of the end that waits for nothing', async () => {
  const [a, b] = testPipe();
  const received = b.recv();
  a.sendSync('so that b listens to its bell');
  await received;
  const bell = endOf(b).descriptors[2];
  // For another process that holds b and sleeps.
  ringDoorbell(bell);
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  expect(pollTwoSync(bell, READABLE, -1, 0, 0)).toBe(READABLE);
  // And b itself can wait again.
  const again = b.recv();
  await nextTurn();
  a.sendSync('again');
  expect(await again).toBe('again');
});
