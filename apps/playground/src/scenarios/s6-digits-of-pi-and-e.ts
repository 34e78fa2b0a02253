/**
 * 100,000 digits of π in one process and of e in another: side by side, and one after the other.
 *
 * From: 002
 * Look at: the gain. π takes a little longer than e, so both together take about as long as π alone: on two cores or more
 *   the gain is somewhat less than 2, start of the processes included. A machine that is busy with other things can spoil a
 *   measurement, so there are up to three.
 *
 * Limit: 60 s
 * Needs: a quiet machine
 *
 * Prints:
 *     π ends with …5493624646, right both times: true
 *     e ends with …1004271658, right both times: true
 *     one after the other: <number:one-by-one> s
 *     side by side: <number:at-once> s
 *     gain: <number:gain> times on <integer:cores> cores, plausible: true
 */
import { type Connection, cpuCount, isMainModule, Pipe, Process } from '@mp/multiprocessing';

const DIGITS = 100_000;
const ATTEMPTS = 3;
/** Computed beyond what is asked for, since each term of a sum is rounded. */
const GUARD_DIGITS = 10;
/** How the decimals end: found by other formulas (Machin's for π) in another language. */
const LAST_DIGITS = { π: '5493624646', e: '1004271658' };

type Digits = Connection<never, string>;

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
export async function pi(digits: number, result: Digits): Promise<void> {
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
  await result.send(String(scaled / 10n ** BigInt(GUARD_DIGITS)));
}

/** The sum of 1 / k!, two terms at a time. */
export async function e(digits: number, result: Digits): Promise<void> {
  let term = 10n ** BigInt(digits + GUARD_DIGITS);
  let sum = 0n;
  for (let k = 0n; term !== 0n; k += 2n) {
    sum += term + term / (k + 1n);
    term /= (k + 1n) * (k + 2n);
  }
  await result.send(String(sum / 10n ** BigInt(GUARD_DIGITS)));
}

async function inProcess(target: typeof pi): Promise<string> {
  const [ours, theirs] = Pipe<string, never>();
  const child = new Process({ target, args: [DIGITS, theirs] });
  await child.start();
  theirs.close();
  const digits = await ours.recv();
  await child.join();
  return digits;
}

async function timed<T>(work: () => Promise<T>): Promise<[seconds: number, result: T]> {
  const begun = performance.now();
  const result = await work();
  return [(performance.now() - begun) / 1000, result];
}

/** All digits of π and of e, each computed in a process of its own. */
type Order = () => Promise<readonly [pi: string, e: string]>;
const oneAfterTheOther: Order = async () => [await inProcess(pi), await inProcess(e)];
const sideBySide: Order = () => Promise.all([inProcess(pi), inProcess(e)]);

function check(name: keyof typeof LAST_DIGITS, first: string, second: string): void {
  const isRight = first.length === 1 + DIGITS && first.endsWith(LAST_DIGITS[name]) && second === first;
  console.log(`${name} ends with …${first.slice(-10)}, right both times: ${isRight}`);
}

/** What two processes can gain; with one core they take turns, and gain nothing. */
const [LEAST_GAIN, GREATEST_GAIN] = cpuCount() > 1 ? [1.3, 2.3] : [0.7, 1.3];

if (isMainModule(import.meta)) {
  for (let attempt = 1; ; attempt++) {
    const [separate, [pi1, e1]] = await timed(oneAfterTheOther);
    const [together, [pi2, e2]] = await timed(sideBySide);
    const gain = separate / together;
    const isPlausible = gain >= LEAST_GAIN && gain <= GREATEST_GAIN;
    if (!isPlausible && attempt < ATTEMPTS) continue;
    check('π', pi1, pi2);
    check('e', e1, e2);
    console.log(`one after the other: ${separate.toFixed(2)} s`);
    console.log(`side by side: ${together.toFixed(2)} s`);
    console.log(`gain: ${gain.toFixed(2)} times on ${cpuCount()} cores, plausible: ${isPlausible}`);
    break;
  }
}
