import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Ten times what the longest of them takes, but for the tests; a program that hangs is to be named, and not only waited for. */
const LIMIT_MINUTES = 10;
/** For who is told to end. */
const GRACE_MS = 10_000;

/** Programs that {@link capture} is waiting for. */
const running = new Set();

let ending = false;

/** When we are told to end, so are they, and we are the last to go: none of them is to work on behind our back. */
async function endTogether(signal) {
  ending = true;
  const closed = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const child of running) child.kill(signal);
  await Promise.all(closed);
  process.kill(process.pid, signal);
}

function keepWithUs(child) {
  if (running.size === 0) for (const name of SIGNALS) process.on(name, endTogether);
  running.add(child);
  child.once('close', () => {
    running.delete(child);
    // Without a listener, a signal does again what it does to every process.
    if (running.size === 0) for (const name of SIGNALS) process.off(name, endTogether);
  });
}

/**
 * Runs a program and collects what it prints, both streams in one text.
 *
 * @param {import('node:child_process').SpawnOptions & { limitMinutes?: number }} [options] - after so many minutes it is
 *   ended, and has failed; default: 10
 * @param {(text: string) => void} [show] - gets each piece of it at once
 * @returns {Promise<{ ok: boolean, output: string, end: string }>} never rejects: a program that cannot be started has
 *   failed as well
 */
export function capture(command, args, { limitMinutes = LIMIT_MINUTES, ...options } = {}, show = () => {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    keepWithUs(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        show(text);
      });
    }
    let late = '';
    const timer = setTimeout(() => {
      late = `, since it had not ended after ${limitMinutes} minutes`;
      child.kill('SIGTERM');
      setTimeout(() => {
        child.kill('SIGKILL');
        // What it has started may hold its output open.
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
      }, GRACE_MS).unref();
    }, limitMinutes * 60_000);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ ok: false, output: error.message, end: 'could not be started' });
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      // Then nobody is to go on with the result, not for the moment that is left.
      if (ending) return;
      const end = signal === null ? `exit code ${code}` : `ended by ${signal}`;
      resolve({ ok: code === 0 && late === '', output, end: end + late });
    });
  });
}

/**
 * Whether this process is in the foreground of a terminal. Then Ctrl-C reaches all of its children as well, and passing
 * SIGINT on would give it to them twice; many programs take the second for impatience, and quit without cleaning up.
 */
function inForeground() {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [, , group, , , foreground] = fields;
    return group === foreground;
  } catch {
    return process.stdin.isTTY === true;
  }
}

/**
 * Runs a program in the place of this one: its streams are ours, signals reach it, and we end as it ended.
 *
 * @returns {Promise<never>}
 */
export function become(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: 'inherit' });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
  const fromTerminal = new Set(['SIGINT', 'SIGQUIT']);
  const pass = (signal) => {
    if (!(fromTerminal.has(signal) && inForeground())) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, pass);
  return new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      if (signal === null) process.exit(code);
      // Whoever started us sees the same end. Node ignores no signal by default, so this is the last line to run.
      process.kill(process.pid, signal);
    });
  });
}
