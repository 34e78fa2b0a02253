/** Uses every function once, and checks what it does. Runs in the folder that scripts/smoke.mjs lays out. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** Beside this file in that folder, so it is not to be found from here. */
const native = await import(new URL('./src/index.ts', import.meta.url).href);

const step = (name) => console.log(`  ${name}`);
console.log(`Node ${process.version}, ${process.platform}-${process.arch}`);

step('memory');
const size = 65536;
const fd = native.createMemory(size, 'smoke');
assert.match(readFileSync('/proc/self/maps', 'utf8'), /node_modules\/@mp\/native-/);
assert.equal(native.descriptorSize(fd), size);
native.resizeMemory(fd, 2 * size);
assert.equal(native.descriptorSize(fd), 2 * size);
const name = `mp-smoke-${process.pid}`;
const shared = native.openSharedMemory(name, { create: true, exclusive: true });
assert.throws(() => native.openSharedMemory(name, { create: true, exclusive: true }), { code: 'EEXIST' });
native.unlinkSharedMemory(name);
assert.throws(() => native.unlinkSharedMemory(name), { code: 'ENOENT', path: `/${name}` });
native.closeDescriptor(shared);
assert.throws(() => native.closeDescriptor(shared), { code: 'EBADF', fd: shared });

step('mapping');
const buffer = native.mapMemory(fd, size);
const words = new Int32Array(buffer);
words[0] = 42;
const mapping = native.Mapping.of(fd, size);
const lease = mapping.lease(4);
words[1] = 1;
(() => assert.equal(new Int32Array(mapping.view(0, 8, lease))[0], 42))();
lease.release();
for (let i = 0; i < 10 && words[1] !== 0; i++) globalThis.gc();
assert.equal(words[1], 0);
mapping.close();
native.discardMemory(fd, size, size);

step('doorbell, poll');
const bell = native.createDoorbell();
assert.equal(native.silenceDoorbell(bell), false);
native.ringDoorbell(bell);
assert.equal(native.pollTwoSync(bell, native.READABLE, -1, 0, 1000), native.READABLE);
assert.equal(native.pollSync(new Int32Array([bell, native.READABLE, 0]), 1, 1000), 1);
assert.equal(native.silenceDoorbell(bell), true);
assert.equal(native.pollTwoSync(bell, native.READABLE, -1, 0, 10), 0);

step('socket');
const [a, b] = native.socketPair();
assert.equal(native.receiveDescriptors(b), 'empty');
assert.equal(native.sendDescriptors(a, 7, [fd, bell]), true);
const packet = native.receiveDescriptors(b);
assert.equal(packet.tag, 7);
assert.equal(native.descriptorSize(packet.descriptors[0]), 2 * size);
packet.descriptors.forEach(native.closeDescriptor);
assert.equal(native.isHungUp(b), false);

step('poll handle');
const rung = new Promise((resolve) => {
  const handle = new native.PollHandle(
    bell,
    (events) => {
      handle.close();
      resolve(events);
    },
    { drain: true },
  );
  handle.start(native.READABLE);
});
native.ringDoorbell(bell);
assert.equal(await rung, native.READABLE);
assert.equal(native.silenceDoorbell(bell), false);

step('futex');
assert.equal(native.futexWaitSync(words, 10, 1, 1000), 'changed');
assert.equal(native.futexWaitSync(words, 10, 0, 10), 'timed-out');
const waits = Array.from({ length: 200 }, (_, i) => native.futexWait(words, 100 + i, 0, { timeout: 30_000 }));
for (let i = 0; i < 200; i++) {
  words[100 + i] = 1;
  native.futexWake(words, 100 + i, 1);
}
for (const result of await Promise.all(waits)) assert.match(result, /^(woken|changed)$/);
await assert.rejects(native.futexWait(words, 10, 0, { signal: AbortSignal.timeout(10) }), { code: 'ABORT_ERR' });

step('processes');
const start = native.processStartTime(process.pid);
assert.equal(typeof start, 'bigint');
assert.equal(native.isProcessAlive(process.pid, start), true);
assert.equal(native.isProcessAlive(process.pid, start + 1n), false);
const child = spawn('/bin/sh', ['-c', 'exit 7'], { stdio: 'ignore' });
const exit = once(child, 'exit');
const pidfd = native.openProcess(child.pid);
assert.deepEqual(native.waitChildSync(pidfd, 20_000), { code: 7, signal: null });
assert.deepEqual(await exit, [7, null]);
assert.equal(native.signalProcess(pidfd, 0), false);

step('watchdog');
native.setParentDeathSignal(0);
native.endWithParent(b).stop();
const alive = setInterval(() => {}, 1000); // Which a signal listener alone does not do.
const terminated = once(process, 'SIGTERM');
const watchdog = native.endWithParent(b, { grace: 60_000 });
native.closeDescriptor(a);
await terminated;
clearInterval(alive);
watchdog.stop();
assert.equal(native.isHungUp(b), true);

native.unmapMemory(buffer);
assert.equal(words.length, 0);
for (const open of [fd, bell, b, pidfd]) native.closeDescriptor(open);
console.log('works');
