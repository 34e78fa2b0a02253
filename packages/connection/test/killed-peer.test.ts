// @module-tag every-node
import { BrokenPipeError, EOFError } from '@mp/errors';
import { describe, expect, test } from 'vitest';
import { forms } from './fixtures/forms.ts';
import { pipeToPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, fill, outcome, pattern, SMALL } from './fixtures/pipes.ts';

// A process that is killed while it holds a connection: whoever waits for it is told.
checkConnectionLeaks();

/** A peer that reads nothing, and is killed in a moment. */
async function idlePeer(): Promise<ReturnType<typeof pipeToPeer>> {
  const { ours, peer } = pipeToPeer('idle', [], { capacity: SMALL });
  await peer.says('ready');
  return { ours, peer };
}

describe('whoever waits for room is told that the reader was killed:', () => {
  test.each(['small', 'large'])('send, of a %s object', async (size) => {
    const { ours, peer } = await idlePeer();
    fill(ours, 1);
    const sent = outcome(ours.send(size === 'small' ? 1 : new Uint8Array(300_000)));
    peer.kill();
    expect(await sent).toBeInstanceOf(BrokenPipeError);
  });

  test('many at once', async () => {
    const { ours, peer } = await idlePeer();
    fill(ours, 1);
    const sent = Array.from({ length: 20 }, (_, i) =>
      outcome(i % 2 === 0 ? ours.send(i) : ours.sendBytes(pattern(300_000, i))),
    );
    peer.kill();
    for (const error of await Promise.all(sent)) expect(error).toBeInstanceOf(BrokenPipeError);
  });

  test('a sender whose large messages have used up their allowance', async () => {
    const { ours, peer } = await idlePeer();
    const big = new Uint8Array(40 << 20);
    const errors: Promise<unknown>[] = [];
    for (let i = 0; i < 8; i++) errors.push(outcome(ours.send(big)));
    peer.kill();
    const ends = await Promise.all(errors);
    expect(ends.at(-1)).toBeInstanceOf(BrokenPipeError);
  });

  test('sendSync', async () => {
    // The reader ends itself when the ring is full: this thread is blocked by then.
    const { ours } = pipeToPeer('killYourselfWhenFull', [], { capacity: SMALL });
    const message = pattern(500);
    expect(() => {
      for (let i = 0; i < 1000; i++) ours.sendBytesSync(message, { timeout: 50_000 });
    }).toThrow(BrokenPipeError);
  });

  test('a large sendSync', async () => {
    const { ours } = pipeToPeer('killYourselfWhenFull', [], { capacity: SMALL });
    fill(ours, 1);
    expect(() => ours.sendSync(new Uint8Array(300_000), { timeout: 50_000 })).toThrow(BrokenPipeError);
  });

  test('one that does not want to wait at all', async () => {
    const { ours, peer } = await idlePeer();
    fill(ours, 1);
    peer.kill();
    await peer.ended;
    expect(await outcome(ours.send(1, { timeout: 0 }))).toBeInstanceOf(BrokenPipeError);
    expect(() => ours.sendSync(1, { timeout: 0 })).toThrow(BrokenPipeError);
  });
});

describe.each(forms)('in the $name form', ({ recv, recvBytes }) => {
  test('a writer killed within a large message leaves the messages before it, and none by half', async () => {
    const { ours, peer } = pipeToPeer('sendLargeForEver', [3_000_000]);
    const first = await recvBytes(ours);
    expect(first.length).toBe(3_000_000);
    peer.kill();
    let received = 1;
    const error = await outcome(
      (async () => {
        for (;;) {
          const bytes = await recvBytes(ours);
          if (!bytes.equals(Buffer.alloc(3_000_000, received))) throw new Error(`Message ${received} is not whole`);
          received++;
        }
      })(),
    );
    expect(error).toBeInstanceOf(EOFError);
  });

  test('a writer killed in a burst of small messages leaves a whole beginning of them', async () => {
    const { ours, peer } = pipeToPeer('countForEver', [], { capacity: SMALL });
    for (let n = 0; n < 500; n++) expect(await recv(ours)).toMatchObject({ n });
    peer.kill();
    let n = 500;
    await expect(
      (async () => {
        for (;;) expect(await recv(ours)).toEqual({ n: n++ });
      })(),
    ).rejects.toThrow(EOFError);
  });

  test('a reader killed between two messages of a conversation is the end of it', async () => {
    const { ours, peer } = pipeToPeer('echo');
    await ours.send('hello');
    expect(await recv(ours)).toBe('hello');
    peer.kill();
    const error = await outcome(
      (async () => {
        for (let i = 0; ; i++) {
          await ours.send(i);
          await recv(ours);
        }
      })(),
    );
    expect([EOFError, BrokenPipeError].some((kind) => error instanceof kind)).toBe(true);
  });
});
