/**
 * The long example: twenty tasks in all the ways of a pool, errors at their places, and waits that lose patience.
 *
 * From: Python docs, Examples: Using Pool (row 47)
 * Look at: of an imap only item 5 fails, and the loop goes on to the last one. Each dot is a wait that was over too early;
 *   nothing is lost by it, the same call is made again.
 * Differs: a number divided by zero is no error here, so the example throws one of its own; it arrives as what it is. The
 *   tasks that are waited for with a time-out wait for an event, which comes after three dots.
 *
 * Prints:
 *     Creating a pool with 4 processes
 *
 *     Ordered results of pool.applyAsync():
 *         PoolWorker-<integer:apply-0 1..4> says that mul(0, 7) = 0
 *         PoolWorker-<integer:apply-1 1..4> says that mul(1, 7) = 7
 *         PoolWorker-<integer:apply-2 1..4> says that mul(2, 7) = 14
 *         PoolWorker-<integer:apply-3 1..4> says that mul(3, 7) = 21
 *         PoolWorker-<integer:apply-4 1..4> says that mul(4, 7) = 28
 *         PoolWorker-<integer:apply-5 1..4> says that mul(5, 7) = 35
 *         PoolWorker-<integer:apply-6 1..4> says that mul(6, 7) = 42
 *         PoolWorker-<integer:apply-7 1..4> says that mul(7, 7) = 49
 *         PoolWorker-<integer:apply-8 1..4> says that mul(8, 7) = 56
 *         PoolWorker-<integer:apply-9 1..4> says that mul(9, 7) = 63
 *         PoolWorker-<integer:apply-10 1..4> says that plus(0, 8) = 8
 *         PoolWorker-<integer:apply-11 1..4> says that plus(1, 8) = 9
 *         PoolWorker-<integer:apply-12 1..4> says that plus(2, 8) = 10
 *         PoolWorker-<integer:apply-13 1..4> says that plus(3, 8) = 11
 *         PoolWorker-<integer:apply-14 1..4> says that plus(4, 8) = 12
 *         PoolWorker-<integer:apply-15 1..4> says that plus(5, 8) = 13
 *         PoolWorker-<integer:apply-16 1..4> says that plus(6, 8) = 14
 *         PoolWorker-<integer:apply-17 1..4> says that plus(7, 8) = 15
 *         PoolWorker-<integer:apply-18 1..4> says that plus(8, 8) = 16
 *         PoolWorker-<integer:apply-19 1..4> says that plus(9, 8) = 17
 *
 *     Ordered results of pool.imap():
 *         PoolWorker-<integer:imap-0 1..4> says that mul(0, 7) = 0
 *         PoolWorker-<integer:imap-1 1..4> says that mul(1, 7) = 7
 *         PoolWorker-<integer:imap-2 1..4> says that mul(2, 7) = 14
 *         PoolWorker-<integer:imap-3 1..4> says that mul(3, 7) = 21
 *         PoolWorker-<integer:imap-4 1..4> says that mul(4, 7) = 28
 *         PoolWorker-<integer:imap-5 1..4> says that mul(5, 7) = 35
 *         PoolWorker-<integer:imap-6 1..4> says that mul(6, 7) = 42
 *         PoolWorker-<integer:imap-7 1..4> says that mul(7, 7) = 49
 *         PoolWorker-<integer:imap-8 1..4> says that mul(8, 7) = 56
 *         PoolWorker-<integer:imap-9 1..4> says that mul(9, 7) = 63
 *         PoolWorker-<integer:imap-10 1..4> says that plus(0, 8) = 8
 *         PoolWorker-<integer:imap-11 1..4> says that plus(1, 8) = 9
 *         PoolWorker-<integer:imap-12 1..4> says that plus(2, 8) = 10
 *         PoolWorker-<integer:imap-13 1..4> says that plus(3, 8) = 11
 *         PoolWorker-<integer:imap-14 1..4> says that plus(4, 8) = 12
 *         PoolWorker-<integer:imap-15 1..4> says that plus(5, 8) = 13
 *         PoolWorker-<integer:imap-16 1..4> says that plus(6, 8) = 14
 *         PoolWorker-<integer:imap-17 1..4> says that plus(7, 8) = 15
 *         PoolWorker-<integer:imap-18 1..4> says that plus(8, 8) = 16
 *         PoolWorker-<integer:imap-19 1..4> says that plus(9, 8) = 17
 *
 *     Unordered results of pool.imapUnordered():
 *     ~     PoolWorker-<integer:unordered-0 1..4> says that mul(0, 7) = 0
 *     ~     PoolWorker-<integer:unordered-1 1..4> says that mul(1, 7) = 7
 *     ~     PoolWorker-<integer:unordered-2 1..4> says that mul(2, 7) = 14
 *     ~     PoolWorker-<integer:unordered-3 1..4> says that mul(3, 7) = 21
 *     ~     PoolWorker-<integer:unordered-4 1..4> says that mul(4, 7) = 28
 *     ~     PoolWorker-<integer:unordered-5 1..4> says that mul(5, 7) = 35
 *     ~     PoolWorker-<integer:unordered-6 1..4> says that mul(6, 7) = 42
 *     ~     PoolWorker-<integer:unordered-7 1..4> says that mul(7, 7) = 49
 *     ~     PoolWorker-<integer:unordered-8 1..4> says that mul(8, 7) = 56
 *     ~     PoolWorker-<integer:unordered-9 1..4> says that mul(9, 7) = 63
 *     ~     PoolWorker-<integer:unordered-10 1..4> says that plus(0, 8) = 8
 *     ~     PoolWorker-<integer:unordered-11 1..4> says that plus(1, 8) = 9
 *     ~     PoolWorker-<integer:unordered-12 1..4> says that plus(2, 8) = 10
 *     ~     PoolWorker-<integer:unordered-13 1..4> says that plus(3, 8) = 11
 *     ~     PoolWorker-<integer:unordered-14 1..4> says that plus(4, 8) = 12
 *     ~     PoolWorker-<integer:unordered-15 1..4> says that plus(5, 8) = 13
 *     ~     PoolWorker-<integer:unordered-16 1..4> says that plus(6, 8) = 14
 *     ~     PoolWorker-<integer:unordered-17 1..4> says that plus(7, 8) = 15
 *     ~     PoolWorker-<integer:unordered-18 1..4> says that plus(8, 8) = 16
 *     ~     PoolWorker-<integer:unordered-19 1..4> says that plus(9, 8) = 17
 *
 *     Ordered results of pool.map(), when all are there:
 *         PoolWorker-<integer:map-0 1..4> says that mul(0, 7) = 0
 *         PoolWorker-<integer:map-1 1..4> says that mul(1, 7) = 7
 *         PoolWorker-<integer:map-2 1..4> says that mul(2, 7) = 14
 *         PoolWorker-<integer:map-3 1..4> says that mul(3, 7) = 21
 *         PoolWorker-<integer:map-4 1..4> says that mul(4, 7) = 28
 *         PoolWorker-<integer:map-5 1..4> says that mul(5, 7) = 35
 *         PoolWorker-<integer:map-6 1..4> says that mul(6, 7) = 42
 *         PoolWorker-<integer:map-7 1..4> says that mul(7, 7) = 49
 *         PoolWorker-<integer:map-8 1..4> says that mul(8, 7) = 56
 *         PoolWorker-<integer:map-9 1..4> says that mul(9, 7) = 63
 *         PoolWorker-<integer:map-10 1..4> says that plus(0, 8) = 8
 *         PoolWorker-<integer:map-11 1..4> says that plus(1, 8) = 9
 *         PoolWorker-<integer:map-12 1..4> says that plus(2, 8) = 10
 *         PoolWorker-<integer:map-13 1..4> says that plus(3, 8) = 11
 *         PoolWorker-<integer:map-14 1..4> says that plus(4, 8) = 12
 *         PoolWorker-<integer:map-15 1..4> says that plus(5, 8) = 13
 *         PoolWorker-<integer:map-16 1..4> says that plus(6, 8) = 14
 *         PoolWorker-<integer:map-17 1..4> says that plus(7, 8) = 15
 *         PoolWorker-<integer:map-18 1..4> says that plus(8, 8) = 16
 *         PoolWorker-<integer:map-19 1..4> says that plus(9, 8) = 17
 *
 *     Errors:
 *         Got ZeroDivisionError as expected from pool.apply()
 *         Got ZeroDivisionError as expected from pool.map()
 *         Got ZeroDivisionError as expected from a list of pool.imap()
 *         Got ZeroDivisionError as expected from ImapIterator.next(), for item 5 alone
 *
 *     AsyncResult.get() with a time-out: ..<word:dots>
 *         PoolWorker-<integer:late 1..4> says that mul(0, 7) = 0
 *
 *     ImapIterator.next() with a time-out: ..<word:more-dots>
 *         PoolWorker-<integer:first 1..4> says that mul(0, 7) = 0
 *         and 19 more
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { currentProcess, Event, isMainModule, Pool, TimeoutError } from '@mp/multiprocessing';

const PROCESSES = 4;
/** How long a wait takes that is to be over too early. */
const PATIENCE_MS = 20;
const DOTS = 3;

type Operation = typeof mul;
type Task = readonly [f: Operation, a: number, b: number];

export class ZeroDivisionError extends RangeError {
  override name = 'ZeroDivisionError';
}

const pause = (): Promise<void> => sleep(20 * Math.random());

export async function mul(a: number, b: number): Promise<number> {
  await pause();
  return a * b;
}

export async function plus(a: number, b: number): Promise<number> {
  await pause();
  return a + b;
}

export async function calculate(f: Operation, a: number, b: number): Promise<string> {
  return `    ${currentProcess().name} says that ${f.name}(${a}, ${b}) = ${await f(a, b)}`;
}

export const calculateTask = (task: Task): Promise<string> => calculate(...task);

export async function calculateLater([event, ...task]: readonly [Event, ...Task]): Promise<string> {
  await event.wait();
  return calculate(...task);
}

export function invert(x: number): number {
  if (x === 5) throw new ZeroDivisionError('division by zero');
  return 1 / (x - 5);
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

const TASKS: readonly Task[] = [
  ...range(10).map((i): Task => [mul, i, 7]),
  ...range(10).map((i): Task => [plus, i, 8]),
];

async function results(pool: Pool): Promise<void> {
  const asked = TASKS.map((task) => pool.applyAsync(calculate, task));
  const ordered = pool.imap(calculateTask, TASKS);
  const unordered = pool.imapUnordered(calculateTask, TASKS);

  console.log('\nOrdered results of pool.applyAsync():');
  for (const result of asked) console.log(await result.get());
  console.log('\nOrdered results of pool.imap():');
  for await (const line of ordered) console.log(line);
  console.log('\nUnordered results of pool.imapUnordered():');
  for await (const line of unordered) console.log(line);
  console.log('\nOrdered results of pool.map(), when all are there:');
  for (const line of await pool.map(calculateTask, TASKS)) console.log(line);
}

async function expectZeroDivision(what: string, result: () => Promise<unknown>): Promise<void> {
  try {
    await result();
  } catch (error) {
    if (!(error instanceof ZeroDivisionError)) throw error;
    console.log(`    Got ${error.name} as expected from ${what}`);
    return;
  }
  throw new Error(`expected a ZeroDivisionError from ${what}`);
}

async function errors(pool: Pool): Promise<void> {
  console.log('\nErrors:');
  await expectZeroDivision('pool.apply()', () => pool.apply(invert, [5]));
  await expectZeroDivision('pool.map()', () => pool.map(invert, range(10)));
  await expectZeroDivision('a list of pool.imap()', () => Array.fromAsync(pool.imap(invert, range(10))));

  const inverted = pool.imap(invert, range(10));
  const failed: number[] = [];
  for (const i of range(10)) {
    try {
      await inverted.next();
    } catch (error) {
      if (!(error instanceof ZeroDivisionError)) throw error;
      failed.push(i);
    }
  }
  if (!(await inverted.next()).done) throw new Error('expected ten results');
  console.log(`    Got ZeroDivisionError as expected from ImapIterator.next(), for item ${failed} alone`);
}

/** Asks again and again, with little patience, and writes a dot each time; the third one lets the tasks begin. */
async function patiently<T>(ask: () => Promise<T>, event: Event): Promise<T> {
  for (let dots = 1; ; dots++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      process.stdout.write('.');
      if (dots === DOTS) event.set();
    }
  }
}

async function timeouts(pool: Pool): Promise<void> {
  process.stdout.write('\nAsyncResult.get() with a time-out: ');
  const event = new Event();
  const result = pool.applyAsync(calculateLater, [[event, mul, 0, 7]]);
  console.log(`\n${await patiently(() => result.get({ timeout: PATIENCE_MS }), event)}`);

  process.stdout.write('\nImapIterator.next() with a time-out: ');
  const start = new Event();
  const later = pool.imap(
    calculateLater,
    TASKS.map((task): readonly [Event, ...Task] => [start, ...task]),
  );
  const first = await patiently(() => later.next({ timeout: PATIENCE_MS }), start);
  console.log(`\n${first.value}`);
  let more = 0;
  for await (const line of later) if (line.includes(' says that ')) more++;
  console.log(`    and ${more} more`);
}

if (isMainModule(import.meta)) {
  console.log(`Creating a pool with ${PROCESSES} processes`);
  const pool = new Pool(PROCESSES);
  await results(pool);
  await errors(pool);
  await timeouts(pool);
  pool.close();
  await pool.join();
}
