import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the members may take to end when they are asked to, before they are killed. */
const GRACE_MS = 3_000;
const LOOK_AGAIN_MS = 10;

/** Groups that have not ended. A harness that ends, however it ends, leaves none of them running. */
const living = new Set<ProcessGroup>();

process.on('exit', () => {
  for (const group of living) group.endSoon();
});

/**
 * A program that leads a process group, with everything that it starts.
 *
 * Ending it does not kill all at once: CPython keeps a process of its own, the resource tracker, that removes named
 * semaphores from /dev/shm when everybody else is gone. It ignores SIGTERM for that, and ends by itself. Killed with the
 * others, it would leave them there until the machine is restarted.
 */
export class ProcessGroup {
  readonly #leader: number;
  #leaderEnded = false;

  constructor(leader: number) {
    this.#leader = leader;
    living.add(this);
  }

  /** Kills the leader and asks the others to end. Who waits for them calls {@link end}. */
  endSoon(): void {
    // Afterwards its number may be somebody else's.
    if (!this.#leaderEnded) send(this.#leader, 'SIGKILL');
    send(-this.#leader, 'SIGTERM');
  }

  /** The leader has ended: ends the others, and resolves when nobody is left. */
  async end(): Promise<void> {
    this.#leaderEnded = true;
    const deadline = performance.now() + GRACE_MS;
    // Again each time: somebody may just have been started.
    while (send(-this.#leader, 'SIGTERM') && hasRunning(this.#leader) && performance.now() < deadline) {
      await sleep(LOOK_AGAIN_MS);
    }
    send(-this.#leader, 'SIGKILL');
    living.delete(this);
  }
}

/**
 * Whether somebody in the group still runs. Those who have ended are members until init collects their exit codes, which
 * may take it a second; where that cannot be told, they count as running.
 */
function hasRunning(leader: number): boolean {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return true;
  }
  return pids.some((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // Behind the name, which stands in brackets and may hold anything.
      const [state, , group] = line.slice(line.lastIndexOf(')') + 2).split(' ');
      return Number(group) === leader && state !== 'Z' && state !== 'X';
    } catch {
      return false;
    }
  });
}

/** @returns whether there was anybody to send it to */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
