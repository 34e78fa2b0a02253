import { getContext, Pool, type Process, type SyncWaitOptions } from '@mp/multiprocessing';
import type { SyncWaitOptions as SyncWaitOptionsOfLocks } from '@mp/synchronize';

const add = (a: number, b: number): number => a + b;

const context = getContext('spawn');
const process: Process = new context.Process({ target: add, args: [1, 2] });
void process;

// @ts-expect-error -- there is no such method
getContext('teleport');
// @ts-expect-error -- the second argument is a number
new context.Process({ target: add, args: [1, 'two'] });

const pool = new Pool(2);
const sums: Promise<number[]> = pool.starmap(add, [
  [1, 2],
  [3, 4],
]);
void sums;
// @ts-expect-error -- the results are numbers
const texts: Promise<string[]> = pool.starmap(add, [[1, 2]]);
void texts;

// The façade has one of the two, because they are the same.
const both: [SyncWaitOptions, SyncWaitOptionsOfLocks] = [{ timeout: 1 }, { timeout: 1 }];
const swapped: [SyncWaitOptionsOfLocks, SyncWaitOptions] = both;
void swapped;
const sameNames: keyof SyncWaitOptions extends keyof SyncWaitOptionsOfLocks
  ? keyof SyncWaitOptionsOfLocks extends keyof SyncWaitOptions
    ? true
    : false
  : false = true;
void sameNames;
