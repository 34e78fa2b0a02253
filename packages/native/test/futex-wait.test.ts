import { readdirSync, readFileSync } from 'node:fs';
import { checkLeaks, collectUntil, nodeChild, startNode, until } from '@mp/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { addon } from '../src/addon.ts';
import { futexWait, futexWake, mapMemory, processStartTime, unmapMemory } from '../src/index.ts';
import { testWords } from './descriptors.ts';

checkLeaks();

/** Wakes until so many were woken: a wait takes a moment until its thread sleeps. */
async function wakeOne(words: Int32Array, index: number): Promise<void> {
  await until(() => futexWake(words, index, 1) === 1, { what: 'somebody to be woken' });
}

/** Numbers of system calls. */
const FUTEX = process.arch === 'arm64' ? '98' : '202';
const FUTEX_WAITV = '449';

/** The thread may end between the listing and the reading. */
function textIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The threads of a process that sleep on a word of ours: main threads, and those named mp-futex. */
function sleepersOf(pid: number | 'self'): string[] {
  return readdirSync(`/proc/${pid}/task`).filter((tid) => {
    const file = (name: string): string => `/proc/${pid}/task/${tid}/${name}`;
    const [name, state] = [textIfThere(file('comm')), textIfThere(file('syscall'))];
    const [call, , operation] = state.split(' ');
    const isOurs = name === 'mp-futex\n' || tid === `${pid}`;
    // futex_waitv, or futex without the flag for words that are private to a process.
    return isOurs && (call === FUTEX_WAITV || (call === FUTEX && (Number(operation) & 128) === 0));
  });
}

const isRunning = (pid: number): boolean => processStartTime(pid) !== undefined;

const behaviour = (): void => {
  test('a wait ends when it is woken', async () => {
    const { words } = testWords();
    const waiting = futexWait(words, 0, 0);
    Atomics.store(words, 0, 1);
    futexWake(words, 0, 1);
    expect(await waiting).toMatch(/^(woken|changed)$/);
  });

  test('a wake alone ends it too', async () => {
    const { words } = testWords();
    const waiting = futexWait(words, 0, 0);
    await wakeOne(words, 0);
    expect(await waiting).toBe('woken');
  });

  test('a word that has changed is not waited for', async () => {
    const { words } = testWords();
    expect(await futexWait(words, 0, 1)).toBe('changed');
    expect(await futexWait(words, 0, 1, { timeout: 0 })).toBe('changed');
  });

  test('a time-out ends the wait, not before its time', async () => {
    const { words } = testWords();
    const start = performance.now();
    await Promise.all(
      [60, 20.5, 40].map(async (timeout) => {
        expect(await futexWait(words, 0, 0, { timeout })).toBe('timed-out');
        expect(performance.now() - start).toBeGreaterThanOrEqual(timeout);
      }),
    );
    expect(await futexWait(words, 0, 0, { timeout: 0 })).toBe('timed-out');
    expect(await futexWait(words, 0, 0, { timeout: -1 })).toBe('timed-out');
  });

  test('a signal ends the wait with its reason, before or while it waits', async () => {
    const { words } = testWords();
    const reason = new Error('no longer needed');
    const aborted = expect.objectContaining({ name: 'AbortError', code: 'ABORT_ERR', cause: reason });
    await expect(futexWait(words, 0, 0, { signal: AbortSignal.abort(reason) })).rejects.toEqual(aborted);
    const controller = new AbortController();
    const waiting = futexWait(words, 0, 0, { signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toEqual(aborted);
  });

  test('a wake that meets an aborted wait reaches another sleeper', async () => {
    const { fd, words } = testWords();
    const code = `
      import { futexWaitSync, mapMemory } from '../src/index.ts';
      const words = new Int32Array(mapMemory(3, 4096));
      while (Atomics.load(words, 1) === 0) if (futexWaitSync(words, 0, 0, 20_000) === 'woken') Atomics.add(words, 2, 1);`;
    for (let aborted = 0, round = 0; aborted === 0 && round < 20; round++) {
      Atomics.store(words, 1, 0);
      Atomics.store(words, 2, 0);
      const controller = new AbortController();
      const first = futexWait(words, 0, 0, { signal: controller.signal }).catch((error) => error.code as string);
      await until(() => sleepersOf('self').length === 1, { what: 'our thread to sleep' });
      const second = startNode({ code }, { descriptors: [fd] });
      await until(() => sleepersOf(second.pid as number).includes(`${second.pid}`), { what: 'the process to sleep' });
      expect(futexWake(words, 0, 1)).toBe(1); // The first in the queue is the one that is aborted now.
      controller.abort();
      if ((await first) === 'ABORT_ERR') {
        aborted++;
        await until(() => Atomics.load(words, 2) === 1, { what: 'the wake to be passed on' });
      }
      Atomics.store(words, 1, 1);
      await until(() => futexWake(words, 0, 1) === 0 && !isRunning(second.pid as number));
      expect((await second.ended).code).toBe(0);
    }
  });

  test('500 wait at once, on many words and several on one, and all are woken', async () => {
    const { words } = testWords();
    const count = 500;
    const waits = Array.from({ length: count }, (_, i) => futexWait(words, i % 100, 0));
    for (let i = 0; i < 100; i++) {
      Atomics.store(words, i, 1);
      futexWake(words, i, Number.POSITIVE_INFINITY);
    }
    const results = await Promise.all(waits);
    expect(results.length).toBe(count);
    for (const result of results) expect(result).toMatch(/^(woken|changed)$/);
  });

  test('one of many is woken, and the others wait on', async () => {
    const { words } = testWords();
    const settled: number[] = [];
    const waits = Array.from({ length: 300 }, async (_, i) => {
      await futexWait(words, i, 0);
      settled.push(i);
    });
    for (const i of [299, 0, 150, 127]) {
      Atomics.store(words, i, 1);
      futexWake(words, i, 1);
      await waits[i];
    }
    expect(settled).toEqual([299, 0, 150, 127]);
    for (let i = 0; i < 300; i++) {
      Atomics.store(words, i, 1);
      futexWake(words, i, 1);
    }
    await Promise.all(waits);
  });

  test('500 are aborted at once', async () => {
    const { words } = testWords();
    const controller = new AbortController();
    const waits = Array.from({ length: 500 }, (_, i) => futexWait(words, i, 0, { signal: controller.signal }));
    controller.abort();
    const results = await Promise.allSettled(waits);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
  });

  test('another process wakes, and is woken', async () => {
    const { fd } = testWords();
    const code = `
      import { addon } from '../src/addon.ts';
      import { futexWait, futexWake, mapMemory } from '../src/index.ts';
      const words = new Int32Array(mapMemory(3, 4096));
      const turn = Number(process.argv[2]);
      if (process.argv[3] === 'without') { await futexWait(words, 5, 1); addon().futexWithoutWaitv(); }
      for (let i = 0; i < 200; i++) {
        while (Atomics.load(words, 0) !== turn) await futexWait(words, 0, 1 - turn);
        Atomics.store(words, 0, 1 - turn);
        futexWake(words, 0, 1);
      }`;
    const ends = await Promise.all(
      ['0', '1'].map((turn) => nodeChild({ code }, { descriptors: [fd], args: [turn, turn === '1' ? 'without' : ''] })),
    );
    expect(ends).toEqual(Array(2).fill({ code: 0, signal: null, stdout: '', stderr: '' }));
  });

  test('unmapping the memory rejects its waits, and no others', async () => {
    const [a, b] = [testWords().words, testWords().words];
    const gone = futexWait(a, 0, 0);
    const kept = futexWait(b, 0, 0);
    unmapMemory(a.buffer);
    await expect(gone).rejects.toMatchObject({ code: 'ERR_MP_CLOSED' });
    Atomics.store(b, 0, 1);
    futexWake(b, 0, 1);
    expect(await kept).toMatch(/^(woken|changed)$/);
  });

  test('a wait keeps its memory', async () => {
    const { fd } = testWords();
    const waiting = futexWait(new Int32Array(mapMemory(fd, 4096)), 7, 0, { timeout: 50_000 });
    await collectUntil(() => true);
    const words = new Int32Array(mapMemory(fd, 4096));
    Atomics.store(words, 7, 1);
    futexWake(words, 7, 1);
    expect(await waiting).toMatch(/^(woken|changed)$/);
    unmapMemory(words.buffer);
  });

  test('a wrong argument rejects', async () => {
    const { words } = testWords();
    await expect(futexWait(words, 1024, 0)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
    await expect(futexWait(new Uint8Array(4) as never, 0, 0)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    await expect(futexWait(words, 0, 0, { timeout: Number.NaN })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });
};

describe('with futex_waitv', behaviour);

describe('with a thread for each word, as on Linux before 5.16', () => {
  beforeAll(async () => {
    await futexWait(new Int32Array(1), 0, 1); // There have to be waiters before they can be told.
    addon().futexWithoutWaitv();
  });
  behaviour();
});

test.each([
  { waits: 127, without: '', threads: 1 },
  { waits: 128, without: '', threads: 2 },
  { waits: 5, without: 'addon().futexWithoutWaitv();', threads: 5 },
])(
  '$waits waits take $threads threads $without, named, with every signal blocked',
  async ({ waits, without, threads }) => {
    const code = `
    import { readdirSync, readFileSync } from 'node:fs';
    import { until } from '@mp/testing';
    import { addon } from '../src/addon.ts';
    import { createMemory, futexWait, mapMemory } from '../src/index.ts';
    const words = new Int32Array(mapMemory(createMemory(4096), 4096));
    await futexWait(words, 0, 1);
    ${without}
    for (let i = 0; i < ${waits}; i++) void futexWait(words, i, 0, { ref: false });
    const masks = () => readdirSync('/proc/self/task').flatMap((tid) => {
      const status = readFileSync('/proc/self/task/' + tid + '/status', 'utf8');
      return status.includes('mp-futex') ? [/SigBlk:\\s+(\\w+)/.exec(status)[1]] : [];
    });
    await until(() => masks().length >= ${threads}, { what: 'the threads to have their names' });
    console.log(masks().join());`;
    const { stdout, stderr } = await nodeChild({ code });
    expect(stderr).toBe('');
    const masks = stdout.trim().split(',');
    expect(masks.length).toBe(threads);
    // SIGKILL and SIGSTOP cannot be blocked, and the C library keeps some real-time signals (32 and up) for itself.
    const ordinary = 0x7fff_ffffn & ~(1n << 8n) & ~(1n << 18n);
    for (const mask of masks) expect(BigInt(`0x${mask}`) & 0x7fff_ffffn).toBe(ordinary);
  },
);

test('a wait keeps the process alive, unless told not to', async () => {
  const code = (options: string): string => `
    import { createMemory, futexWait, mapMemory } from '../src/index.ts';
    const words = new Int32Array(mapMemory(createMemory(4096), 4096));
    futexWait(words, 0, 0, ${options}).then(() => console.log('settled'));
    console.log('end of the script');`;
  expect(await nodeChild({ code: code('{ ref: false }') })).toMatchObject({ stdout: 'end of the script\n', code: 0 });
  expect((await nodeChild({ code: code('{ timeout: 50 }') })).stdout).toBe('end of the script\nsettled\n');
  const alive = startNode({ code: code('{}') });
  await alive.says('end of the script');
  alive.kill('SIGTERM');
  expect((await alive.ended).signal).toBe('SIGTERM');
});

test('memory that is truncated under a wait rejects it', async () => {
  const code = `
    import { futexWait, mapMemory, openSharedMemory, resizeMemory, unlinkSharedMemory } from '../src/index.ts';
    const name = 'mp-test-wait-' + process.pid;
    const fd = openSharedMemory(name, { create: true, exclusive: true });
    unlinkSharedMemory(name);
    resizeMemory(fd, 4096);
    const words = new Int32Array(mapMemory(fd, 4096));
    const waiting = futexWait(words, 0, 0);
    resizeMemory(fd, 0);
    const other = new AbortController();
    // Whatever makes the thread look again finds it out.
    futexWait(new Int32Array(1), 0, 0, { signal: other.signal }).catch(() => {});
    await waiting.catch((error) => console.log(error.code, error.syscall));
    other.abort();`;
  expect(await nodeChild({ code })).toMatchObject({ stdout: 'EFAULT futex\n', stderr: '', code: 0 });
});
