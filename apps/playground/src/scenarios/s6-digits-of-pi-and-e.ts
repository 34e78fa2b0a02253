/**
 * 100,000 digits of π in one process and of e in another: side by side, and one after the other.
 *
 * From: 002
 * Look at: the gain. π takes a little longer than e, so both together take about as long as π alone: on two cores or more
 *   the gain is somewhat less than 2, start of the processes included. Nothing can be gained on one core, nor where other
 *   programs keep the cores busy; so what they use is measured too, and the gain is judged by what was left.
 *
 * Limit: 60 s
 * Needs: a quiet machine
 *
 * Prints:
 *     π ends with …5493624646, right both times: true
 *     e ends with …1004271658, right both times: true
 *     one after the other: <number:one-by-one> s
 *     side by side: <number:at-once> s
 *     cores: <integer:cores 1..>, of which others used <number:others>
 *     gain: <number:gain> times, plausible: true
 */
import { cpus } from 'node:os';
import { type Connection, cpuCount, isMainModule, Pipe, Process } from '@mp/multiprocessing';

const DIGITS = 100_000;
/** Computed beyond what is asked for, since each term of a sum is rounded. */
const GUARD_DIGITS = 10;
/** How the decimals end: found by other formulas (Machin's for π) in another language. */
const LAST_DIGITS = { π: '5493624646', e: '1004271658' };

interface Result {
  readonly digits: string;
  /** What the process has worked since it was started, in seconds. */
  readonly worked: number;
}

type Answer = Connection<never, Result>;

function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Newton's method: from the root of the upper half of the digits to the root of all of them. */
function squareRoot(n: bigint): bigint {
  if (n < 1n << 52n) return BigInt(Math.floor(Math.sqrt(Number(n))));
  const quarter = BigInt(n.toString(16).length);
  const guess = squareRoot(n >> (2n * quarter)) << quarter;
  let root = (guess + n / guess) >> 1n;
  while (root * root > n) root = (root + n / root) >> 1n;
  return root;
}

/** The series of the Chudnovsky brothers: 14 digits with each term. */
export async function pi(digits: number, answer: Answer): Promise<void> {
  const one = 10n ** BigInt(digits + GUARD_DIGITS);
  let term = one;
  let sum = one;
  let weighted = 0n;
  for (let k = 1n; term !== 0n; k++) {
    term = (term * (5n - 6n * k) * (2n * k - 1n) * (6n * k - 1n)) / (k ** 3n * (640320n ** 3n / 24n));
    sum += term;
    weighted += k * term;
  }
  const root = squareRoot(10005n * one * one);
  const scaled = (426880n * root * one) / (13591409n * sum + 545140134n * weighted);
  await answer.send({ digits: String(scaled / 10n ** BigInt(GUARD_DIGITS)), worked: worked() });
}

/** The sum of 1 / k!, two terms at a time. */
export async function e(digits: number, answer: Answer): Promise<void> {
  let term = 10n ** BigInt(digits + GUARD_DIGITS);
  let sum = 0n;
  for (let k = 0n; term !== 0n; k += 2n) {
    sum += term + term / (k + 1n);
    term /= (k + 1n) * (k + 2n);
  }
  await answer.send({ digits: String(sum / 10n ** BigInt(GUARD_DIGITS)), worked: worked() });
}

async function inProcess(target: typeof pi): Promise<Result> {
  const [ours, theirs] = Pipe<Result, never>();
  const child = new Process({ target, args: [DIGITS, theirs] });
  await child.start();
  theirs.close();
  const result = await ours.recv();
  await child.join();
  return result;
}

/** Both, each in a process of its own. */
type Order = () => Promise<readonly [pi: Result, e: Result]>;
const oneAfterTheOther: Order = async () => [await inProcess(pi), await inProcess(e)];
const sideBySide: Order = () => Promise.all([inProcess(pi), inProcess(e)]);

async function timed<T>(work: () => Promise<T>): Promise<[seconds: number, result: T]> {
  const begun = performance.now();
  const result = await work();
  return [(performance.now() - begun) / 1000, result];
}

/** Seconds of work that all cores of the machine have done, for whomever. */
const busy = (): number =>
  cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1000;

interface Measured {
  readonly oneByOne: number;
  readonly atOnce: number;
  readonly gain: number;
  /** How many cores were used by others, on average. */
  readonly others: number;
  readonly results: readonly Result[];
}

async function measure(): Promise<Measured> {
  const before = busy() - worked();
  const [oneByOne, first] = await timed(oneAfterTheOther);
  const [atOnce, second] = await timed(sideBySide);
  const results = [...first, ...second];
  const ours = results.reduce((sum, result) => sum + result.worked, 0);
  const others = Math.max(0, busy() - worked() - before - ours) / (oneByOne + atOnce);
  return { oneByOne, atOnce, gain: oneByOne / atOnce, others, results };
}

/** Two processes are at most twice as fast as one, and a little for what is left to chance. */
function isPlausible({ gain, others }: Measured): boolean {
  const least = cpuCount() > 1 && others < 0.25 ? 1.3 : 0.7;
  return gain >= least && gain <= 2.3;
}

function check(name: keyof typeof LAST_DIGITS, { digits }: Result, again: Result): void {
  const isRight = digits.length === 1 + DIGITS && digits.endsWith(LAST_DIGITS[name]) && again.digits === digits;
  console.log(`${name} ends with …${digits.slice(-10)}, right both times: ${isRight}`);
}

if (isMainModule(import.meta)) {
  let measured = await measure();
  // One measurement may be spoilt by others who begin or end in the middle of it; three in a row tell something about us.
  for (let more = 2; more > 0 && !isPlausible(measured); more--) measured = await measure();

  const { oneByOne, atOnce, gain, others, results } = measured;
  const [pi1, e1, pi2, e2] = results as [Result, Result, Result, Result];
  check('π', pi1, pi2);
  check('e', e1, e2);
  console.log(`one after the other: ${oneByOne.toFixed(2)} s`);
  console.log(`side by side: ${atOnce.toFixed(2)} s`);
  console.log(`cores: ${cpuCount()}, of which others used ${others.toFixed(2)}`);
  console.log(`gain: ${gain.toFixed(2)} times, plausible: ${isPlausible(measured)}`);
}
