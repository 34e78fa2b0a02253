import { Inbox } from '@mp/connection/internal';
import { BrokenPipeError, ProcessError } from '@mp/errors';
import { describe, expect, test } from 'vitest';
import { HEAD, LARGE_KIB, TAIL } from '../src/ring/layout.ts';
import { forms } from './fixtures/forms.ts';
import { endOf } from './fixtures/peers.ts';
import { checkConnectionLeaks, outcome, ringMemory, SMALL, testPipe } from './fixtures/pipes.ts';
import { randomNumbers } from './fixtures/random.ts';

// A process that has the memory of a pipe writes into it what it should not.
checkConnectionLeaks();

describe.each(forms)('in the $name form', ({ recv }) => {
  test.each([
    ['a length below zero', 0, -1],
    ['a length beyond the ring', 0, 1 << 30],
    ['a length beyond what was sent', 0, 1000],
    ['a kind that there is not', 1, 0x0f],
    ['no kind', 1, 0],
  ])('%s is an error, and the end', async (_, word, value) => {
    const [a, b] = testPipe({ capacity: SMALL });
    await a.send('good');
    await a.send('damaged');
    const { body } = ringMemory(b);
    const second = body.indexOf(body[1]!, 2) - 1;
    expect(await recv(b)).toBe('good');
    body[second + word] = value;
    expect(await outcome(recv(b))).toBeInstanceOf(BrokenPipeError);
    expect(await outcome(recv(b))).toMatchObject({ name: 'EOFError' });
  });

  test.each([-8, 1 << 20, 4, 3])('a head that is %d bytes off is an error, and the end', async (off) => {
    const [a, b] = testPipe({ capacity: SMALL });
    await a.send('x'.repeat(100));
    const { header } = ringMemory(b);
    header[HEAD]! += off;
    const first = await outcome(recv(b, { timeout: 100 }));
    const second = await outcome(recv(b, { timeout: 100 }));
    expect([first, second].filter((value) => value instanceof ProcessError).length).toBeGreaterThan(0);
  });

  test('descriptors that are not there are an error, and the next message arrives', async () => {
    const [a, b] = testPipe({ capacity: SMALL });
    await a.send('good');
    await a.send('better');
    ringMemory(b).body[1]! |= 3 << 8;
    expect(await outcome(recv(b))).toBeInstanceOf(BrokenPipeError);
    expect(await recv(b)).toBe('better');
  });
});

test('a large message that says it lies elsewhere is an error, and the next one arrives', async () => {
  const [a, b] = testPipe();
  const { body, header } = ringMemory(b);
  for (const [index, value] of [
    [1, Number.NaN],
    [1, 1e300],
    [1, 0],
    [2, -5],
    [2, 1e15],
    [3, 1e12],
    [3, -1],
  ] as const) {
    const at = ((header[HEAD]! & ((1 << 20) - 1)) >> 2) + 2;
    a.sendSync({ big: new Uint8Array(300_000) });
    new Float64Array(body.buffer, body.byteOffset + at * 4, 4)[index] = value;
    expect(await outcome(b.recv())).toBeInstanceOf(Error);
    a.sendSync(index);
    expect(b.recvSync()).toBe(index);
  }
});

test('a count of large memory that is wrong delays, and does not hang whoever limits the wait', async () => {
  const [a, b] = testPipe();
  a.sendSync(1);
  ringMemory(b).header[LARGE_KIB] = 2 ** 31 - 1;
  expect(() => a.sendBytesSync(new Uint8Array(500_000), { timeout: 20 })).toThrow('did not come within 20 ms');
  b.recvSync();
  a.sendBytesSync(new Uint8Array(500_000), { timeout: 50_000 });
  expect(b.recvBytesSync().length).toBe(500_000);
});

test('an inbox tells of it once, and then of the end', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  a.sendSync('damaged');
  ringMemory(b).body[0] = -1;
  const told: string[] = [];
  await new Promise<void>((resolve) => {
    const inbox = new Inbox(endOf(b), {
      message: () => told.push('message'),
      undecodable: (error) => told.push((error as Error).name),
      ended: () => {
        told.push('ended');
        resolve();
      },
    });
    inbox.open();
    inbox.keepLoopAlive(true);
  });
  expect(told).toEqual(['BrokenPipeError', 'ended']);
});

test('random words anywhere in a ring, hundreds of times: errors, no crash, and no endless loop', async () => {
  const random = randomNumbers('MP_DAMAGE_SEED');
  for (let round = 0; round < 300; round++) {
    const [a, b] = testPipe({ capacity: SMALL });
    const { header, body } = ringMemory(b);
    for (let i = 0; i < 5; i++) a.sendSync({ i, text: 'x'.repeat(random(200)) });
    if (round % 5 === 0) a.sendSync({ big: new Uint8Array(200_000) });
    for (let i = 0; i < 4; i++) {
      const word = random(2) === 0 ? random(1 << 16) : (random(2 ** 31) * 2) | 0;
      if (random(4) === 0) header[[HEAD, TAIL, LARGE_KIB][random(3)]!] = word;
      else body[random(300)] = word;
    }
    for (let i = 0; i < 10; i++) {
      await outcome(round % 2 === 0 ? b.recv({ timeout: 1 }) : (async () => b.recvSync({ timeout: 1 }))());
    }
    try {
      for (let i = 0; i < 20; i++) a.sendSync('x'.repeat(random(900)), { timeout: 0 });
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
    a.close();
    b.close();
  }
});
