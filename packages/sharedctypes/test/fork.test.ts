import { canFork } from '@mp/native';
import { nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';

const obstacle = canFork();

// The test runs in a program of its own, which has no worker threads.
describe.skipIf(obstacle !== undefined && !obstacle.includes('thread'))('in forked children', () => {
  test('values, arrays and structures are the same memory with the same lock', async () => {
    const result = await nodeChild({
      code: `
        import { closeDescriptor, forkProcess, openProcess, reapChild, waitChildSync } from '@mp/native';
        import { RawArray, SharedArray, struct, Value } from '../src/index.ts';
        const counter = new Value('i', 0);
        const array = new SharedArray('c', 'hello');
        const numbers = RawArray('d', 3);
        const point = new Value(struct({ x: 'd', y: 'q' }), { x: 1 });
        const pids = [];
        for (let n = 0; n < 3; n++) {
          pids.push(await forkProcess(async () => {
            for (let i = 0; i < 1000; i++) counter.update((value) => value + 1);
            for (let i = 0; i < 100; i++) await counter.withLock(() => { counter.value += 1; });
            numbers[n] = n + 0.5;
            point.withLockSync(() => { point.y += 1n; });
            array.value = 'bye';
          }));
        }
        for (let i = 0; i < 1000; i++) counter.withLockSync(() => { counter.value += 1; });
        for (const pid of pids) {
          const fd = openProcess(pid);
          waitChildSync(fd, 10_000);
          reapChild(fd);
          closeDescriptor(fd);
        }
        console.log(counter.value, array.value, numbers.join(), point.x, point.y);`,
    });
    expect(result).toEqual({ stdout: '4300 bye 0.5,1.5,2.5 1 3n\n', stderr: '', code: 0, signal: null });
  });
});
