import { existsSync } from 'node:fs';
import { thisThread, threadOf } from '@mp/native';

/**
 * Who holds something, in Python's words; but `ThisProcess` where Python has the name of the process, which is known
 * only to packages above this one.
 */
export function ownerName(identity: number): string {
  if (identity === 0) return 'None';
  if (identity === thisThread.word) return 'ThisProcess';
  return existsSync(`/proc/self/task/${threadOf(identity)}`) ? 'SomeOtherThread' : 'SomeOtherProcess';
}
