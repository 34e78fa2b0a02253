import { canFork } from '@mp/native';
import { nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { Arena } from '../src/arena/arena.ts';

/** Runs a program that forks, and returns what it and its children wrote. */
async function program(code: string): Promise<unknown[]> {
  const { stdout, stderr, ...end } = await nodeChild({
    code: `
      import { writeSync } from 'node:fs';
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      import { closeDescriptor, forkProcess, openProcess, reapChild, signalProcess, socketPair, waitChildSync } from '@mp/native';
      import { until } from '@mp/testing';
      import { ShareableList, SharedMemory } from '../src/index.ts';
      import { Block } from '../src/internal.ts';
      import { Mail } from './fixtures/mail.ts';
      const say = (x) => writeSync(1, JSON.stringify(x) + '\\n');
      setFlagsFromString('--expose-gc');
      globalThis.gc = runInNewContext('gc');
      const blocks = () => Block.statistics().blocks;
      const end = (pid, signal) => {
        const fd = openProcess(pid);
        if (signal) signalProcess(fd, signal);
        waitChildSync(fd, 10_000);
        const result = reapChild(fd);
        closeDescriptor(fd);
        return result;
      };
      const stay = () => setInterval(() => {}, 1000);
      ${code}`,
  });
  expect({ stderr, ...end }).toEqual({ stderr: '', code: 0, signal: null });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const obstacle = canFork();
// The tests run in programs of their own, which have no worker threads.
describe.skipIf(obstacle !== undefined && !obstacle.includes('thread'))('in a forked child', () => {
  test('blocks are the same memory, and stay when the parent lets go of them, until the child ends', async () => {
    const said = await program(`
      const block = Block.allocate(8);
      const [ours, theirs] = socketPair().map((fd) => new Mail(fd));
      const pid = await forkProcess(() => {
        block.int32()[0] = 5;
        theirs.send('written');
        theirs.receive();
        say(['child', block.int32()[0]]);
      });
      ours.receive();
      say(['parent', block.int32()[0]]);
      block.free();
      for (let i = 0; i < 500; i++) Block.allocate(8).int32()[0] = -1;
      gc();
      say(blocks() > 0);
      ours.send('go on');
      end(pid);
      await until(() => (gc(), blocks() === 0));
      say('free');`);
    expect(said).toEqual([['parent', 5], true, ['child', 5], 'free']);
  });

  test('it may be killed: what it held is freed', async () => {
    const said = await program(`
      const block = Block.allocate(8);
      const pid = await forkProcess(stay);
      block.free();
      say(blocks());
      end(pid, 9);
      await until(() => blocks() === 0);
      say(blocks());`);
    expect(said).toEqual([1, 0]);
  });

  test('what it lets go of is not freed under its parent, and its own blocks live longer than itself', async () => {
    const said = await program(`
      const block = Block.allocate(8);
      block.int32()[0] = 1;
      const [ours, theirs] = socketPair().map((fd) => new Mail(fd));
      const pid = await forkProcess(() => {
        block.free();
        const own = Block.allocate(8);
        own.int32()[0] = 2;
        theirs.send(own);
      });
      const received = ours.receive();
      end(pid);
      for (let i = 0; i < 500; i++) Block.allocate(8).int32()[0] = -1;
      say([block.int32()[0], received.int32()[0], Block.of(block.buffer) === block]);`);
    expect(said).toEqual([[1, 2, true]]);
  });

  test('does not keep what its parent has sent: that is known to have arrived', async () => {
    const said = await program(`
      const block = Block.allocate(8);
      const [ours, theirs] = socketPair().map((fd) => new Mail(fd));
      ours.send(block);
      block.free();
      const pid = await forkProcess(stay);
      say(blocks());
      theirs.receive().free();
      await new Promise((resolve) => setTimeout(resolve, 0));
      await until(() => blocks() === 0);
      say(blocks());
      end(pid, 9);`);
    expect(said).toEqual([1, 0]);
  });

  test('and in its children, blocks go on from one to the next', async () => {
    const said = await program(`
      const block = Block.allocate(8);
      const pid = await forkProcess(async () => {
        const grandchild = await forkProcess(() => { block.int32()[0]++; });
        end(grandchild);
        block.int32()[0]++;
        block.free();
      });
      end(pid);
      say([block.int32()[0], blocks()]);
      block.free();
      say(blocks());`);
    expect(said).toEqual([[2, 1], 0]);
  });

  test('shared memory and lists are there, and are unlinked by nobody but who calls it', async () => {
    const said = await program(`
      const memory = new SharedMemory({ create: true, size: 10 });
      const list = new ShareableList(['a', 1]);
      const pid = await forkProcess(() => {
        memory.buf[0] = 7;
        list.set(0, 'b');
        memory.close();
      });
      end(pid);
      say([memory.buf[0], [...list]]);
      new SharedMemory({ name: memory.name }).close();
      for (const each of [memory, list.shm]) { each.close(); each.unlink(); }`);
    expect(said).toEqual([[7, ['b', 1]]]);
  });
});

test('a fork that fails leaves no holder behind', () => {
  const arena = Arena.create(65_536);
  for (let i = 0; i < 200; i++) {
    arena.prepareFork();
    arena.afterForkInParent(false);
  }
  expect(arena.slots.areScarce).toBe(false);
  arena.closeIfUnused();
});
