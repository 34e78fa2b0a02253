import { closeSync, openSync, readFileSync } from 'node:fs';
import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { Segment } from '../src/segment/segment.ts';

checkLeaks();

/** More than Node writes in one call. */
const HUGE = 2 ** 31 + 10;

/** How many bytes this process has written so far, wherever. */
const written = (): number => Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

test('all bytes of a message of more than 2 GiB are put into fresh memory', () => {
  const segment = new Segment(HUGE);
  const { descriptor } = segment;
  // Pages that nobody touches cost nothing; written into the segment itself they would take seconds.
  const nowhere = openSync('/dev/null', 'w');
  const before = written();
  Object.assign(segment, { descriptor: nowhere });
  segment.put(new Uint8Array(HUGE), 0);
  Object.assign(segment, { descriptor });
  closeSync(nowhere);
  segment.abandon();
  expect(written() - before).toBeGreaterThanOrEqual(HUGE);
});
