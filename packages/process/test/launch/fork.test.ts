// @module-tag every-node
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomInt, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { Pipe, waitSync } from '@mp/connection';
import { reapChild } from '@mp/native';
import { ForkProcess, StartError } from '@mp/process';
import { checkLeaks, nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { idle } from '../fixtures/waiting.ts';
import { endWithTest, running } from '../running.ts';

checkLeaks();

const program = (name: string): URL => new URL(`../fixtures/programs/${name}`, import.meta.url);

/** What a function returns in a forked child, which need not be exported. */
async function forked<R>(fn: () => R): Promise<Awaited<R>> {
  const [ours, theirs] = Pipe();
  const child = new ForkProcess({ target: async () => theirs.send(await fn()) });
  await child.start();
  endWithTest(child);
  theirs.close();
  try {
    return await ours.recv();
  } finally {
    ours.close();
    await child.join();
  }
}

/** What the types of Node do not have. */
interface Compiler {
  instantiate(bytes: Uint8Array): Promise<{ readonly instance: { readonly exports: { f(): number } } }>;
}

describe('a forked child', () => {
  test('has closures, instances and everything else that is in memory, as it is', async () => {
    class Secret {
      readonly #word = 'xyzzy';
      read(): string {
        return this.#word;
      }
    }
    const secret = new Secret();
    const symbol = Symbol('mine');
    const weak = new WeakMap([[secret, 'found']]);
    const rows = Array.from({ length: 100_000 }, (_, i) => ({ i }));
    const seen = await forked(() => [
      secret.read(),
      weak.get(secret),
      { [symbol]: 7 }[symbol],
      rows.length,
      rows[99_999],
    ]);
    expect(seen).toEqual(['xyzzy', 'found', 7, 100_000, { i: 99_999 }]);
  });

  test('has arguments that could not be sent', async () => {
    const [ours, theirs] = Pipe();
    const child = new ForkProcess({
      target: (fn: (x: number) => number, key: symbol) => theirs.sendSync([fn(20), key.description]),
      args: [(x) => x + 1, Symbol('key')],
    });
    await child.start();
    endWithTest(child);
    expect(await ours.recv()).toEqual([21, 'key']);
    await child.join();
    ours.close();
    theirs.close();
  });

  test('changes nothing in its parent', async () => {
    const counter = { count: 1 };
    expect(await forked(() => ++counter.count)).toBe(2);
    expect(counter.count).toBe(1);
  });

  test('has no part in the Process objects of its parent, and says so', async () => {
    const [ours, theirs] = Pipe();
    const sibling = await running('fork', { target: idle, args: [theirs], name: 'Bob' });
    const fresh = new ForkProcess({ name: 'Eve' });
    const answers = await forked(async () => {
      const attempts = [
        () => fresh.start(),
        () => sibling.join(),
        () => sibling.joinSync({ timeout: 0 }),
        () => sibling.isAlive(),
        () => sibling.terminate(),
        () => sibling.sentinel,
      ];
      const outcomes = attempts.map(async (attempt) => {
        await Promise.resolve().then(attempt);
        return 'done';
      });
      const settled = await Promise.allSettled(outcomes);
      return [`${sibling}`, ...settled.map((each) => (each.status === 'rejected' ? String(each.reason) : each.value))];
    });
    expect(answers).toEqual([
      `<Process name='Bob' pid=${sibling.pid} parent=${process.pid} unknown>`,
      'ProcessStateError: Eve can only be started by the process that made it.',
      'ProcessStateError: join: Bob is no child of this process.',
      'ProcessStateError: joinSync: Bob is no child of this process.',
      'ProcessStateError: Whether Bob is alive can only be told by the process that made it.',
      'ProcessStateError: terminate: Bob is no child of this process.',
      'ProcessStateError: sentinel: Bob is no child of this process.',
    ]);
    expect(sibling.isAlive()).toBe(true);
    theirs.close();
    ours.close();
    await sibling.join();
  });

  test('whose exit code somebody else has taken is known to have ended, with 255', async () => {
    const child = await running('fork', { target: () => process.exit(7) });
    waitSync([child.sentinel]);
    expect(reapChild(child.sentinel)).toEqual({ code: 7, signal: null });
    expect(child.joinSync()).toBe(true);
    expect(await child.join()).toBe(true);
    expect(child.exitCode).toBe(255);
  });

  test('has its own number, which is known everywhere', async () => {
    const [pid, ppid] = await forked(() => [process.pid, process.ppid]);
    expect(ppid).toBe(process.pid);
    expect(pid).not.toBe(process.pid);
  });

  test('runs in the context of the call of start', async () => {
    const storage = new AsyncLocalStorage<string>();
    expect(await storage.run('inside', () => forked(async () => storage.getStore()))).toBe('inside');
  });

  test('draws random numbers of its own', async () => {
    // There is a stock of each in this process.
    const draw = (): (string | number)[] => [randomUUID(), randomInt(2 ** 40), Math.random()];
    draw();
    const drawn = await Promise.all([forked(draw), forked(draw), forked(draw), draw()]);
    for (const column of [0, 1, 2]) expect(new Set(drawn.map((row) => row[column])).size).toBe(4);
  });

  test('compiles what is hot, and collects what is dead', async () => {
    const sum = await forked(() => {
      let total = 0;
      for (let i = 0; i < 2_000_000; i++) total += { i, list: [i] }.list[0] ?? 0;
      return total;
    });
    expect(sum).toBe(1_999_999_000_000);
  });

  test('may compile WebAssembly, which is done by threads', async () => {
    const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0);
    const code = Uint8Array.of(10, 6, 1, 4, 0, 65, 42, 11);
    const answer = await forked(async () => {
      const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: Compiler };
      const { instance } = await WebAssembly.instantiate(Buffer.concat([bytes, code]));
      return instance.exports.f();
    });
    expect(answer).toBe(42);
  });

  test('may speak to whom its parent has spoken to', async () => {
    const { stdout, stderr, code } = await nodeChild(program('fork-fetch.ts'));
    expect([stdout, stderr, code]).toEqual(['parent: hello hello\nchild: hello hello\n', '', 0]);
  });

  test('goes on with none of what its parent has begun, and harms none of it', async () => {
    const { stdout, stderr, code } = await nodeChild(program('fork-late.ts'));
    expect(stderr).toBe('');
    const [first, ...others] = stdout.split('\n');
    expect(JSON.parse(first as string)).toEqual({ heard: [], listeners: [] });
    expect(others).toEqual(['the child ended with 0', 'still there?', '']);
    expect(code).toBe(0);
  });
});

describe('a fork is refused, with the reason and another way,', () => {
  test('in the middle of a function', () => {
    const child = new ForkProcess({ target: () => {} });
    expect(() => child.startSync()).toThrow(StartError);
    expect(() => child.startSync()).toThrow(/middle of a function.*await process\.start\(\)/);
    expect(child.pid).toBeUndefined();
  });

  test.each([
    ['that is inspected', ['--inspect=0'], /cannot be forked: Node was started with --inspect/],
    ['that is profiled', ['--cpu-prof', `--cpu-prof-dir=${tmpdir()}`], /started with --cpu-prof, which has a thread/],
  ])('in a program %s', async (_, execArgv, reason) => {
    const { stdout } = await nodeChild(program('fork-refused.ts'), { execArgv });
    expect(stdout).toMatch(/^ERR_MP_START: /);
    expect(stdout).toMatch(reason);
    expect(stdout).toContain('Use the start method forkserver, or spawn');
  });

  test('as long as there are worker threads', async () => {
    const { stdout, code } = await nodeChild(program('fork-refused.ts'), { args: ['worker'] });
    expect(stdout).toMatch(/^ERR_MP_START: This process cannot be forked: 1 worker thread lives, .*\n/);
    expect(stdout).toMatch(/\nwithout it: ended with 3\n$/);
    expect(code).toBe(0);
  });
});

test('what is started twice at once is refused the second time', async () => {
  const child = new ForkProcess({ target: () => {}, name: 'Bob' });
  const first = child.start();
  await expect(child.start()).rejects.toThrow('Bob was started already');
  await first;
  endWithTest(child);
  expect(await child.join()).toBe(true);
});
