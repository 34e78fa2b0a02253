import { BrokenPipeError } from '@mp/errors';
import { describe, expect, test, vi } from 'vitest';
import type { Connection } from '../src/index.ts';
import { Wakeups } from '../src/local/wakeups.ts';
import { READER_ASLEEP } from '../src/ring/layout.ts';
import { forms } from './fixtures/forms.ts';
import { checkConnectionLeaks, outcome, ringMemory, testPipe } from './fixtures/pipes.ts';

// Whoever is rung may be quicker than the sender: has read the message and closed its end before `send` goes on.
checkConnectionLeaks();

/** A pipe whose reader sleeps, and does something while it is rung. */
function pipeToSleeper(whenRung: (theirs: Connection) => void): Connection {
  const [ours, theirs] = testPipe();
  Atomics.store(ringMemory(theirs).header, READER_ASLEEP, 1);
  vi.spyOn(Wakeups.prototype, 'ringPeer').mockImplementationOnce(() => whenRung(theirs));
  return ours;
}

describe.each(forms)('$name form', ({ send }) => {
  test.each([
    ['small', 'all of it'],
    ['large', new Uint8Array(300_000).fill(7)],
  ])('a %s message that was read was sent, though its reader is gone', async (_, message) => {
    let received: unknown;
    const ours = pipeToSleeper((theirs) => {
      received = theirs.recvSync();
      theirs.close();
    });
    await send(ours, message);
    expect(received).toEqual(message);
    expect(await outcome(send(ours, 'more'))).toBeInstanceOf(BrokenPipeError);
    // What it has stays its own.
    const [another] = testPipe();
    await send(another, new Uint8Array(300_000).fill(9));
    expect(received).toEqual(message);
  });

  test('a message that nobody has read, nor ever will, was not sent', async () => {
    const ours = pipeToSleeper((theirs) => theirs.close());
    expect(await outcome(send(ours, 'lost'))).toBeInstanceOf(BrokenPipeError);
  });
});
