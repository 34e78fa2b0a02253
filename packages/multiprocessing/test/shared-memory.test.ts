import { existsSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as mp from '../src/index.ts';
import { checkSharedLeaks, inProcess, startMethods, stuckProcess, testPool } from './across.ts';
import { type Memories, writeAndStay, writeByAll, writeFirst } from './fixtures/shared-memories.ts';

await checkSharedLeaks();

const nameOf = (memory: mp.SharedMemory): string => `/dev/shm/${memory.name}`;

/** They are closed and unlinked, and their names gone, when the test ends. */
function memories(): Memories {
  const all = {
    named: new mp.SharedMemory({ create: true, size: 100 }),
    anonymous: mp.SharedMemory.anonymous(100),
    list: new mp.ShareableList(['some text', 'some text', 'some text']),
  };
  onTestFinished(() => {
    for (const memory of [all.named, all.list.shm]) {
      expect(existsSync(nameOf(memory))).toBe(true);
      memory.close();
      memory.unlink();
      expect(existsSync(nameOf(memory))).toBe(false);
    }
    all.anonymous.close();
  });
  return all;
}

describe.each(startMethods)('by %s: SharedMemory and ShareableList', (method) => {
  test('come as arguments, through pipes and through queues', async () => {
    const things = memories();
    const { result } = await inProcess(method, writeByAll, things);
    expect(await result).toEqual([0, 1, 2]);
    expect([...things.named.buf.subarray(0, 4)]).toEqual([1, 2, 3, 0]);
    expect([...things.anonymous.buf.subarray(0, 4)]).toEqual([11, 12, 13, 0]);
    expect([...things.list]).toEqual(['item 0', 'item 1', 'item 2']);
  });

  test('come in tasks of a pool', async () => {
    const things = memories();
    expect(await testPool(method, 1).map(writeFirst, [things, things])).toEqual([0, 0]);
    expect([things.named.buf[0], things.anonymous.buf[0], things.list.get(0)]).toEqual([1, 11, 'item 0']);
  });

  test('what a killed process has written stays, and so does the name, for whoever still has it', async () => {
    const things = memories();
    const writer = await stuckProcess(method, writeAndStay, things);
    await writer.kill();
    const other = new mp.SharedMemory({ name: things.named.name });
    expect([other.buf[0], things.anonymous.buf[0]]).toEqual([99, 98]);
    other.close();
  });
});
