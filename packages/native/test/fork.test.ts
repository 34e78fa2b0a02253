// @module-tag every-node
/**
 * Longer forms by command: `MP_FORKS=1000 MP_TABLE_MIB=1024 pnpm --filter @mp/native test fork`.
 *
 * `MP_FORKS` sets how many forks the storm has (default 40), `MP_TABLE_MIB` how large the table is that eight children
 * read (default 128).
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { checkLeaks, collectNow, nodeChild } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  atFork,
  canFork,
  closeDescriptor,
  createDoorbell,
  createMemory,
  endWithParent,
  ForkError,
  type ForkOptions,
  forkProcess,
  futexWait,
  futexWake,
  HolderLock,
  isHungUp,
  Mapping,
  mapMemory,
  openProcess,
  PollHandle,
  pollTwoSync,
  READABLE,
  reapChild,
  ringDoorbell,
  signalProcess,
  socketPair,
  unmapMemory,
  waitChildSync,
} from '../src/index.ts';
import { closedAfterTest } from './descriptors.ts';

checkLeaks();

const forks = process.env.MP_FORKS ?? '40';
const tableMib = Number(process.env.MP_TABLE_MIB ?? 128);

/** Forks, and says how the child ended. */
async function forked(inChild: () => void, options?: ForkOptions): Promise<ReturnType<typeof reapChild>> {
  const pid = await forkProcess(inChild, options);
  const pidfd = closedAfterTest(openProcess(pid));
  onTestFinished(() => void signalProcess(pidfd, 9));
  await new Promise<void>((resolve) => {
    const handle = new PollHandle(pidfd, () => {
      handle.close();
      resolve();
    });
    handle.start(READABLE);
  });
  return reapChild(pidfd);
}

const exited = (code: number) => ({ code, signal: null });

/** Shared memory that a child writes its results to. */
function sharedWords(count = 16): Int32Array {
  const buffer = mapMemory(closedAfterTest(createMemory(4096)), 4096);
  onTestFinished(() => unmapMemory(buffer));
  return new Int32Array(buffer, 0, count);
}

test('nothing here stands against a fork', () => {
  expect(canFork()).toBeUndefined();
});

describe('a forked process', () => {
  test('ends when nothing is left to do', async () => {
    expect(await forked(() => {})).toEqual(exited(0));
    expect(await forked(() => void setTimeout(() => {}, 5))).toEqual(exited(0));
    expect(await forked(() => void turn().then(() => (process.exitCode = 9)))).toEqual(exited(9));
  });

  test('gives what listens for its end a chance', async () => {
    const words = sharedWords();
    const end = await forked(() => {
      let again = true;
      process.on('beforeExit', () => {
        Atomics.add(words, 0, 1);
        if (again) setTimeout(() => Atomics.add(words, 1, 1), 1);
        again = false;
      });
      process.on('exit', (code) => {
        words[2] = code + 100;
        process.exitCode = 4;
      });
    });
    expect(end).toEqual(exited(4));
    expect([...words.subarray(1, 3)]).toEqual([1, 100]);
    // As often as something was begun, and once more; and again when V8 happens to close a timer of its own, as in any Node.
    expect(words[0]).toBeGreaterThanOrEqual(2);
  });

  test('ends as it says, or by its signal', async () => {
    expect(await forked(() => process.exit(7))).toEqual(exited(7));
    expect(await forked(() => void process.kill(process.pid, 'SIGKILL'))).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await forked(() => void process.kill(process.pid, 'SIGTERM'))).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('does not go on with the promises of its parent', async () => {
    const words = sharedWords();
    const parent = process.pid;
    const note = (): void => {
      if (process.pid !== parent) Atomics.add(words, 0, 1);
    };
    const begun = [turn().then(note), new Promise((resolve) => setTimeout(resolve, 1)).then(note)];
    const pid = forkProcess(() => void setTimeout(() => process.exit(Atomics.load(words, 0)), 20));
    void pid.then(note, note);
    const pidfd = closedAfterTest(openProcess(await pid));
    await Promise.all(begun);
    expect(waitChildSync(pidfd, 50_000)).toEqual(exited(0));
    reapChild(pidfd);
  });

  test('may fork, and so may its child', async () => {
    const words = sharedWords();
    const deeper = (depth: number): void => {
      words[depth] = 1;
      if (depth < 4)
        void forked(() => deeper(depth + 1)).then((end) => process.exit(end !== 'gone' ? (end?.code ?? 1) : 1));
      else process.exit(5);
    };
    expect(await forked(() => deeper(1))).toEqual(exited(5));
    expect([...words.subarray(1, 5)]).toEqual([1, 1, 1, 1]);
  });

  test('is killed with its parent', async () => {
    const program = new URL('./fixtures/fork-orphan.ts', import.meta.url);
    const { stdout } = await nodeChild(program);
    const pid = Number(stdout);
    expect(pid).toBeGreaterThan(0);
    let pidfd: number;
    try {
      pidfd = closedAfterTest(openProcess(pid));
    } catch {
      return; // It is gone already.
    }
    expect(pollTwoSync(pidfd, READABLE, -1, 0, 50_000)).not.toBe(0);
  });

  test('is no other process for those who hold a lock with it', async () => {
    const words = sharedWords();
    const lock = new HolderLock(words, 0);
    expect(lock.tryAcquire()).toBe(true);
    // The parent lives and holds it.
    expect(await forked(() => process.exit(lock.tryAcquire() ? 1 : 0))).toEqual(exited(0));
    lock.release();
    // A child that was killed with it is found out.
    expect(await forked(() => lock.tryAcquire() && process.kill(process.pid, 'SIGKILL'))).toMatchObject({
      signal: 'SIGKILL',
    });
    expect(lock.tryAcquire()).toBe(true);
  });

  test('waits for words and descriptors on its own account, and its parent goes on waiting', async () => {
    const words = sharedWords();
    const bell = closedAfterTest(createDoorbell());
    const rung: number[] = [];
    const handle = new PollHandle(bell, () => rung.push(process.pid), { drain: true });
    onTestFinished(() => handle.close());
    handle.start(READABLE);
    const waiting = futexWait(words, 0, 0);
    const end = await forked(() => {
      void futexWait(words, 1, 0, { timeout: 1 }).then((result) => {
        if (result !== 'timed-out') process.exit(1);
        handle.start(READABLE);
        words[2] = 1;
        ringDoorbell(bell);
        setInterval(() => {
          if (rung.length === 1 && rung[0] === process.pid) process.exit(6);
          ringDoorbell(bell);
        }, 1);
      });
    });
    expect(end).toEqual(exited(6));
    Atomics.store(words, 0, 1);
    futexWake(words, 0, 1);
    expect(await waiting).toBe('woken');
  });

  test('gives back no lease of its parent', async () => {
    const mapping = Mapping.of(closedAfterTest(createMemory(4096)), 4096);
    onTestFinished(() => mapping.close());
    const whole = new Int32Array(mapping.view(0, 4096));
    whole[0] = 1;
    const lease = mapping.lease(0);
    expect(await forked(() => lease.release())).toEqual(exited(0));
    expect(Atomics.load(whole, 0)).toBe(1);
    lease.release();
    expect(Atomics.load(whole, 0)).toBe(0);
  });

  test('holds none of the sockets that a watchdog of its parent watches, and cannot call it off', async () => {
    const [ours, theirs] = socketPair();
    closedAfterTest(ours);
    let watchdog: ReturnType<typeof endWithParent> | undefined = endWithParent(theirs, {
      grace: Number.POSITIVE_INFINITY,
    });
    const words = sharedWords();
    const pid = await forkProcess(() => {
      closeDescriptor(theirs);
      watchdog?.stop();
      Atomics.store(words, 0, 1);
      setInterval(() => {}, 1000);
    });
    const pidfd = closedAfterTest(openProcess(pid));
    onTestFinished(() => void signalProcess(pidfd, 9));
    while (Atomics.load(words, 0) === 0) await turn();
    expect(isHungUp(ours)).toBe(false);
    watchdog.stop();
    closeDescriptor(theirs);
    // The child lives, and has no copy.
    while (!isHungUp(ours)) await turn();
    expect(reapChild(pidfd)).toBeUndefined();
    signalProcess(pidfd, 9);
    waitChildSync(pidfd, Number.POSITIVE_INFINITY);
    reapChild(pidfd);
    watchdog = undefined;
    // Its function holds a descriptor.
    for (let i = 0; i < 3; i++) {
      collectNow();
      await turn();
    }
  });
});

test('hooks run in both processes, and are told when there is no child', async () => {
  const words = sharedWords();
  const seen: string[] = [];
  let on = true;
  atFork({
    prepare: () => void (on && seen.push('prepare')),
    parent: (isForked) => void (on && seen.push(`parent ${isForked}`)),
    child: () => void (on && seen.push('child')),
  });
  expect(await forked(() => process.exit(seen.join() === 'prepare,child' ? 0 : 1))).toMatchObject({ signal: null });
  on = false;
  // Attempts that met a thread at work come before.
  expect(seen.splice(-2)).toEqual(['prepare', 'parent true']);
  expect(new Set(seen).has('parent true')).toBe(false);
  expect(words[0]).toBe(0);
});

describe('a fork is refused', () => {
  test('as long as a worker thread lives', async () => {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    await expect(forkProcess(() => {})).rejects.toBeInstanceOf(ForkError);
    expect(canFork()).toMatch(/1 worker thread lives/);
    await worker.terminate();
    expect(canFork()).toBeUndefined();
    expect(await forked(() => process.exit(3))).toEqual(exited(3));
  });

  test('in a worker thread', async () => {
    const code = `import('@mp/native').then(({ canFork }) => require('node:worker_threads').parentPort.postMessage(canFork()))`;
    const worker = new Worker(code, { eval: true });
    onTestFinished(() => void worker.terminate());
    expect(await new Promise((resolve) => worker.once('message', resolve))).toMatch(/only the main thread/);
  });

  test('when a thread does not come to rest, whose name the error has', async () => {
    const program = new URL('./fixtures/fork-busy.ts', import.meta.url);
    const { stdout } = await nodeChild(program);
    expect(stdout).toMatch(
      /^ERR_MP_FORK: This process cannot be forked: thread \d+ \(libuv-worker\) is in system call \d+, and did not come to rest\. Use the start method forkserver/,
    );
    expect(stdout).toMatch(/\ncalled off: AbortError\nthen 0\n$/);
  });
});

test(`children read a table of ${tableMib} MiB without copying it`, { timeout: 60_000 + tableMib * 1000 }, async () => {
  const half = (tableMib << 20) / 2;
  const numbers = new Int32Array(half / 4).fill(3);
  // 64 bytes each, in the heap, where a collector could write marks beside them.
  const rows = Array.from({ length: half / 64 }, (_, i) => ({ i, three: 3, text: 'row', next: null }));
  // A table is old when it is used. What is young is moved once more, in each child.
  collectNow();
  const words = sharedWords();
  /** Of the memory of this process, what it shares with no other one. */
  const ownKib = (): number => {
    const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
    return [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, kib]) => sum + Number(kib), 0);
  };
  const ends = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      forked(
        () => {
          let sum = 0;
          for (let at = 0; at < numbers.length; at++) sum += numbers[at] as number;
          for (let at = 0; at < rows.length; at++) sum += (rows[at] as { three: number }).three;
          words[i] = ownKib();
          process.exit(sum === (numbers.length + rows.length) * 3 ? 0 : 1);
          // The collector looks through a large heap for a while, in threads.
        },
        { timeout: 60_000 },
      ),
    ),
  );
  expect(ends).toEqual(ends.map(() => exited(0)));
  for (const kib of words.subarray(0, 8)) {
    expect(kib).toBeGreaterThan(0);
    // 2 MiB were seen, however large the table is.
    expect(kib).toBeLessThan(12 << 10);
  }
});

test(`of ${forks} forks in the midst of work every one goes well`, { timeout: Number(forks) * 5000 }, () => {
  const program = fileURLToPath(new URL('./fixtures/fork-storm.ts', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [...process.execArgv, program, forks], {
    encoding: 'utf8',
  });
  expect({ stdout, stderr, status }).toEqual({
    stdout: `${forks} of ${forks} went well, 0 descriptors and 0 processes left\n`,
    stderr: '',
    status: 0,
  });
});
