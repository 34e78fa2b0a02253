import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { endGroup, type Member, membersOf } from './process-group.ts';

export interface ProgramOptions {
  /** Milliseconds after which it is ended, and everything that it has started. */
  readonly limit: number;
  /** Gets what it prints, as it comes. */
  readonly show?: ((text: string, stream: 'stdout' | 'stderr') => void) | undefined;
}

/** How a program ended, and what is left of it. */
export interface ProgramResult {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly seconds: number;
  /** Why it did not end by itself. */
  readonly ended: 'too late' | 'too much output' | undefined;
  /** Processes that it has left behind. They were ended. */
  readonly left: readonly Member[];
  /** Somebody outside of its group, whom we do not know, still holds its output. */
  readonly heldOpen: boolean;
}

/** As a user would run it, from the sources of the packages. */
const NODE_ARGUMENTS = ['--conditions=@mp/source', '--disable-warning=ExperimentalWarning'];
/** A child that ends together with its parent does so a moment later. */
const AFTER_THE_END_MS = 5000;
const POLL_MS = 10;
const MOST_OUTPUT = 1 << 20;

/**
 * Runs a program to its end, or to its limit. It leads a process group of its own, so that whatever it starts can be found
 * and ended, and nothing else is. If this process is told to end before, the group ends with it.
 *
 * @throws Error if it cannot be started
 */
export async function runProgram(path: string, { limit, show }: ProgramOptions): Promise<ProgramResult> {
  const begun = performance.now();
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, path], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: withoutColours(),
  });
  const group = child.pid;
  if (group === undefined) throw await new Promise<Error>((resolve) => child.once('error', resolve));
  const apart = endTogether(group);
  const printed = { stdout: '', stderr: '' };
  let ended: ProgramResult['ended'];
  const end = (why: 'too late' | 'too much output'): void => {
    ended ??= why;
    endGroup(group);
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      if (ended === 'too much output') return;
      printed[stream] += text;
      show?.(text, stream);
      if (printed[stream].length > MOST_OUTPUT) end('too much output');
    });
  }
  const timer = setTimeout(end, limit, 'too late');
  const { code, signal } = await exitOf(child);
  clearTimeout(timer);
  const seconds = (performance.now() - begun) / 1000;
  const left = await whoStays(group);
  endGroup(group);
  const heldOpen = !(await closed(child));
  apart();
  return { pid: group, ...printed, code, signal, seconds, ended, left, heldOpen };
}

function withoutColours(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, ...env } = process.env;
  return env;
}

function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
}

/** What it has printed last may still be on its way. @returns false if the end of it does not come */
async function closed(child: ChildProcess): Promise<boolean> {
  const ends = [child.stdout, child.stderr].map(
    (stream) => stream === null || stream.closed || new Promise((resolve) => stream.once('close', resolve)),
  );
  const decided = new AbortController();
  const late = sleep(AFTER_THE_END_MS, false, { signal: decided.signal }).catch(() => false);
  const inTime = await Promise.race([Promise.all(ends).then(() => true), late]);
  decided.abort();
  child.stdout?.destroy();
  child.stderr?.destroy();
  return inTime;
}

async function whoStays(group: number): Promise<Member[]> {
  const deadline = performance.now() + AFTER_THE_END_MS;
  let members = membersOf(group);
  while (members.length > 0 && performance.now() < deadline) {
    await sleep(POLL_MS);
    members = membersOf(group);
  }
  return members;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const running = new Set<number>();

function endAll(): void {
  for (const group of running) endGroup(group);
}

function endAllAndUs(signal: NodeJS.Signals): void {
  endAll();
  for (const name of SIGNALS) process.off(name, endAllAndUs);
  process.kill(process.pid, signal);
}

/** A group of its own hears nothing of a Ctrl-C, nor of our end; so we see to it. @returns how that is undone */
function endTogether(group: number): () => void {
  if (running.size === 0) {
    for (const name of SIGNALS) process.on(name, endAllAndUs);
    process.on('exit', endAll);
  }
  running.add(group);
  return () => {
    running.delete(group);
    if (running.size > 0) return;
    for (const name of SIGNALS) process.off(name, endAllAndUs);
    process.off('exit', endAll);
  };
}
