import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { withLock } from '../setup/lock.mjs';

const lock = new URL('../setup/lock.mjs', import.meta.url).href;

/** A process that takes the lock, says so, and holds it until its input ends. */
async function holder(root) {
  const code = `
    import { once } from 'node:events';
    import { withLock } from '${lock}';
    await withLock(${JSON.stringify(root)}, async () => {
      console.log('held');
      await once(process.stdin.resume(), 'end');
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  return child;
}

const somewhere = () => `/nowhere/${process.pid}/${Math.random()}`;

test('whoever comes second waits until the first is done', async () => {
  const root = somewhere();
  const first = await holder(root);
  const events = [];
  const second = withLock(root, () => events.push('second'));
  await withLock(somewhere(), () => events.push('another clone'));
  events.push('first ends');
  first.stdin.end();
  await second;
  assert.deepEqual(events, ['another clone', 'first ends', 'second']);
  if (first.exitCode === null) await once(first, 'exit');
});

test('many at once take turns', async () => {
  const root = somewhere();
  let inside = 0;
  const turns = Array.from({ length: 8 }, () =>
    withLock(root, async () => {
      assert.equal(++inside, 1);
      await new Promise(setImmediate);
      inside--;
    }),
  );
  await Promise.all(turns);
});

test('a lock whose holder was killed is free', async () => {
  const root = somewhere();
  const first = await holder(root);
  const second = withLock(root, () => 'got it');
  first.kill('SIGKILL');
  assert.equal(await second, 'got it');
});

test('a lock is free after an error', async () => {
  const root = somewhere();
  await assert.rejects(
    withLock(root, () => {
      throw new Error('failed inside');
    }),
    /failed inside/,
  );
  assert.equal(await withLock(root, () => 'again'), 'again');
});
