/**
 * Memory that can never be had is refused when it is asked for. It takes real memory only where it is touched, and so
 * the system gives any number of bytes; the process would be killed by the touch that is one too many.
 *
 * @module
 */
import { readFileSync, statfsSync } from 'node:fs';

/** Nobody has less; and to ask takes time. */
const ALWAYS_THERE = 16 << 20;

/**
 * How much the machine could give if nobody else used any: memory, as far as the control group may use it, and swap.
 * Infinity when the system does not tell.
 */
function mostMemory(): number {
  let lines: string;
  try {
    lines = readFileSync('/proc/meminfo', 'utf8');
  } catch {
    return Number.POSITIVE_INFINITY;
  }
  const bytesOf = (name: string): number => 1024 * Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(lines)?.[1]);
  const memory = bytesOf('MemTotal');
  if (Number.isNaN(memory)) return Number.POSITIVE_INFINITY;
  // 0: there is no limit that Node knows of.
  const allowed = process.constrainedMemory() || memory;
  return Math.min(memory, allowed) + (bytesOf('SwapTotal') || 0);
}

/** @throws RangeError `ENOMEM` for more than {@link mostMemory} */
export function checkMachine(bytes: number, who: string): void {
  if (bytes <= ALWAYS_THERE) return;
  const most = mostMemory();
  if (bytes <= most) return;
  throw outOfRange(
    'ENOMEM',
    `${who}: ${bytes} bytes are more than the ${most} of memory and swap that this machine, or the control group of this process, has at all. Use less at once.`,
  );
}

/** The same for memory with a name. @throws RangeError `ENOSPC` for more than /dev/shm has room for */
export function checkShm(bytes: number): void {
  const { bavail, bsize, blocks } = statfsSync('/dev/shm');
  // No limit is shown as no blocks at all.
  if (blocks === 0) {
    checkMachine(bytes, 'SharedMemory');
    return;
  }
  if (bytes <= bavail * bsize) return;
  throw outOfRange(
    'ENOSPC',
    `SharedMemory: ${bytes} bytes are more than the ${bavail * bsize} that /dev/shm has room for. Unlink what nobody needs, or enlarge it (docker: --shm-size); SharedMemory.anonymous() is not bound by it.`,
  );
}

function outOfRange(code: string, message: string): RangeError {
  return Object.assign(new RangeError(message), { code });
}
