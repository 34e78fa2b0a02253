import { readdirSync, readlinkSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Trace } from './trace.ts';

/**
 * Opens what Node opens once, at first use, and then keeps for good; so it is there before the first snapshot and needs
 * no exception later:
 * - the pipe through which libuv hears of signals, opened by the first signal listener or the first child process;
 * - the inotify descriptor of the loop, opened by the first `fs.watch`;
 * - the streams of standard output and error, which open a terminal anew.
 */
export function openLazyDescriptors(): void {
  const listener = (): void => {};
  process.once('SIGWINCH', listener).off('SIGWINCH', listener);
  watch(tmpdir()).close();
  void process.stdout;
  void process.stderr;
}

/** The open descriptors of this process, by what they refer to. */
export function descriptorTraces(): Trace[] {
  const traces: Trace[] = [];
  for (const fd of readdirSync('/proc/self/fd')) {
    let target: string;
    try {
      target = readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      continue; // The descriptor of the listing itself, closed by now.
    }
    traces.push({ kind: 'descriptor', key: target, amount: 1, text: `descriptor ${fd}: ${target}` });
  }
  return traces;
}
