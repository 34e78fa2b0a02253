import { existsSync } from 'node:fs';
import { SharedMemoryManager } from '@mp/managers';
import { checkLeaks, startNode, until } from '@mp/testing';
import { expect, test } from 'vitest';

checkLeaks();

const exists = (name: string | undefined): boolean => existsSync(`/dev/shm/${name}`);

test('shared memory of a manager is here, and its names are gone when it is shut down', async () => {
  const manager = new SharedMemoryManager();
  await manager.start();
  const memory = await manager.SharedMemory(128);
  const list = await manager.ShareableList(['alpha', 1]);
  const early = await manager.SharedMemory(8);
  expect([memory.size, [...list], exists(memory.name), exists(list.shm.name)]).toEqual([128, ['alpha', 1], true, true]);
  memory.buf[0] = 42;
  early.unlink();
  await manager.shutdown();
  expect([memory.name, list.shm.name, early.name].filter(exists)).toEqual([]);
  expect(memory.buf[0]).toBe(42);
  for (const each of [memory, list.shm, early]) each.close();
});

test('who was only connected, over TCP too, makes memory that lives until the server ends', async () => {
  const options = { address: ['127.0.0.1', 0], authkey: 'secret' } as const;
  const manager = new SharedMemoryManager(options);
  await manager.start();
  const client = new SharedMemoryManager({ ...options, address: manager.address });
  await client.connect();
  const memory = await client.SharedMemory(8);
  const list = client.sync.ShareableList([1, 'two']);
  await client.shutdown();
  expect([exists(memory.name), exists(list.shm.name), memory.size, [...list]]).toEqual([true, true, 8, [1, 'two']]);
  await manager.shutdown();
  expect([exists(memory.name), exists(list.shm.name)]).toEqual([false, false]);
  memory.close();
  list.shm.close();
});

test('in the blocking form, too, the names are gone after the shutdown', () => {
  const manager = new SharedMemoryManager();
  manager.startSync();
  const memory = manager.sync.SharedMemory(8);
  expect(exists(memory.name)).toBe(true);
  manager.shutdownSync();
  expect(exists(memory.name)).toBe(false);
  memory.close();
});

test('the names are gone when the program ends without shutting its manager down', async () => {
  const program = startNode({
    code: `
      import { SharedMemoryManager } from '@mp/managers';
      const manager = new SharedMemoryManager();
      await manager.start();
      console.log('name', (await manager.SharedMemory(8)).name);`,
  });
  const [, name] = await program.says(/name (\w+)/);
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  await until(() => !exists(name));
  expect(exists(name)).toBe(false);
});
