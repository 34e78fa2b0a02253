import { Pipe } from '@mp/connection';
import { EOFError } from '@mp/errors';
import type { RunningNode } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';
import { startPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, SMALL, testPipe } from './fixtures/pipes.ts';
import { randomNumbers } from './fixtures/random.ts';

// Several processes write to one end of a pipe, and several read from the other.
checkConnectionLeaks();

const seconds = Number(process.env['MP_KILL_SECONDS'] ?? 6);
const limit = (seconds + 120) * 1000;

/** What reached which reader. */
class Readers {
  readonly received = new Map<string, Set<number>>();
  readonly running: RunningNode[] = [];
  readonly #listening: Promise<void>[] = [];
  messages = 0;

  start(from: Parameters<typeof startPeer>[1][number]): void {
    const [answers, theirs] = Pipe();
    onTestFinished(() => answers.close());
    this.running.push(startPeer('forward', [from, theirs], [], { limit }));
    theirs.close();
    this.#listening.push(this.#listen(answers));
  }

  async #listen(answers: ReturnType<typeof testPipe>[0]): Promise<void> {
    for await (const [name, n] of answers) {
      const numbers = this.received.get(name) ?? new Set();
      this.received.set(name, numbers);
      if (numbers.has(n)) throw new Error(`Message ${n} of ${name} came twice.`);
      numbers.add(n);
      this.messages++;
    }
  }

  async ended(): Promise<void> {
    await Promise.all(this.#listening);
  }

  /** Numbers below the highest that did not come. */
  get missing(): number {
    let missing = 0;
    for (const numbers of this.received.values()) missing += Math.max(...numbers) + 1 - numbers.size;
    return missing;
  }
}

test('each message of several writers goes to exactly one of several readers', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  const readers = new Readers();
  for (let i = 0; i < 3; i++) readers.start(b);
  for (const name of ['first', 'second', 'third']) startPeer('write', [a], [name, 1500]);
  a.close();
  b.close();
  await readers.ended();
  expect(readers.messages).toBe(4500);
  expect(readers.missing).toBe(0);
});

test('killed at any moment, writers and readers harm nobody: nothing hangs, nothing comes twice, nothing is lost but the one message that a killed reader was at', {
  timeout: limit,
}, async () => {
  const random = randomNumbers('MP_KILL_SEED');
  const [a, b] = testPipe({ capacity: SMALL });
  const readers = new Readers();
  const writers: RunningNode[] = [];
  let started = 0;
  const startWriter = (): void => void writers.push(startPeer('write', [a], [`w${started++}`, 1e9], { limit }));
  for (let i = 0; i < 2; i++) {
    readers.start(b);
    startWriter();
  }
  let killedReaders = 0;
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    // At some moment after some messages.
    const next = readers.messages + 1 + random(300);
    while (readers.messages < next && performance.now() < until + 60_000) await new Promise(setImmediate);
    expect(readers.messages).toBeGreaterThanOrEqual(next);
    const [victim] = random(2) === 0 ? readers.running.splice(random(2), 1) : writers.splice(random(2), 1);
    victim?.kill();
    await victim?.ended;
    if (writers.length < 2) startWriter();
    else {
      killedReaders++;
      readers.start(b);
    }
  }
  for (const writer of writers) {
    writer.kill();
    await writer.ended;
  }
  a.close();
  b.close();
  await readers.ended();
  expect(readers.missing).toBeLessThanOrEqual(killedReaders);
  expect(readers.messages).toBeGreaterThan(0);
});

test('when all writers are killed, all readers come to the end', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  const readers = new Readers();
  for (let i = 0; i < 3; i++) readers.start(b);
  const writers = [startPeer('write', [a], ['x', 1e9]), startPeer('write', [a], ['y', 1e9])];
  a.close();
  while (readers.messages < 500) await new Promise(setImmediate);
  for (const writer of writers) writer.kill();
  await readers.ended();
  for (const reader of readers.running) expect(await reader.ended).toMatchObject({ code: 0 });
  await expect(b.recv().catch((error) => Promise.reject(error))).rejects.toThrow(EOFError);
});
