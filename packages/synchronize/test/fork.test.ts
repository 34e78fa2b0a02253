import { canFork } from '@mp/native';
import { nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';

const obstacle = canFork();

const program = (code: string): Promise<unknown> =>
  nodeChild({
    code: `
      import { closeDescriptor, forkProcess, openProcess, reapChild, waitChildSync } from '@mp/native';
      import { Barrier, Condition, Event, Lock, NotOwnerError, OwnerDiedError, RLock, Semaphore } from '../src/index.ts';
      const join = (pid) => {
        const fd = openProcess(pid);
        if (waitChildSync(fd, 20_000) === undefined) throw new Error('the child does not end');
        reapChild(fd);
        closeDescriptor(fd);
      };
      ${code}`,
  });

const printed = (stdout: string): unknown => ({ stdout, stderr: '', code: 0, signal: null });

// Each runs in a program of its own, which has no worker threads.
describe.skipIf(obstacle !== undefined && !obstacle.includes('thread'))('in forked children', () => {
  test('everything is the same object, in both forms', async () => {
    const result = await program(`
      const lock = new Lock(), rlock = new RLock(), ready = new Semaphore(0), go = new Event(), end = new Barrier(4);
      const changed = new Condition();
      let waiting = new Semaphore(0);
      const pids = [];
      for (let n = 0; n < 3; n++) {
        pids.push(await forkProcess(async () => {
          ready.release();
          if (n % 2) go.waitSync(); else await go.wait();
          for (let i = 0; i < 300; i++) {
            if (n % 2) lock.withLockSync(() => rlock.withLockSync(() => rlock.withLockSync(() => {})));
            else await lock.withLock(() => rlock.withLock(() => rlock.withLock(() => {})));
          }
          await changed.withLock(async () => { waiting.release(); if (n % 2) changed.waitSync(); else await changed.wait(); });
          if (n % 2) end.waitSync(); else await end.wait();
        }));
      }
      for (let n = 0; n < 3; n++) await ready.acquire();
      go.set();
      for (let n = 0; n < 3; n++) await waiting.acquire();
      console.log(await changed.withLock(() => changed.notifyAll()));
      await end.wait();
      pids.forEach(join);
      console.log(lock.locked(), rlock.locked(), \`\${changed}\`, end.nWaiting);`);
    expect(result).toEqual(printed('3\nfalse false <Condition(<RLock(None, 0)>, 0)> 0\n'));
  });

  test('a child owns nothing of what its parent holds, and its death is noticed', async () => {
    const result = await program(`
      const lock = new Lock(), rlock = new RLock(), changed = new Condition(), go = new Event(), dead = new Lock();
      lock.acquireSync(); rlock.acquireSync(); changed.acquireSync();
      const pid = await forkProcess(() => {
        const seen = [String(lock), String(rlock), lock.acquireSync({ timeout: 0 }), rlock.acquireSync({ timeout: 0 })];
        try { rlock.release(); } catch (error) { seen.push(error.name); }
        try { changed.notify(); } catch (error) { seen.push(error.name); }
        dead.acquireSync();
        console.log(seen.join());
      });
      join(pid);
      console.log(String(lock), String(rlock));
      try { dead.acquireSync(); } catch (error) { console.log(error.name, error.pid === pid); }`);
    const seen =
      '<Lock(owner=SomeOtherProcess)>,<RLock(SomeOtherProcess, nonzero)>,false,false,NotOwnerError,NotOwnerError';
    const ours = '<Lock(owner=ThisProcess)> <RLock(ThisProcess, 1)>';
    expect(result).toEqual(printed(`${seen}\n${ours}\nOwnerDiedError true\n`));
  });

  test('what the parent was waiting for is nothing that the child waits for', async () => {
    const result = await program(`
      const lock = new Lock(), event = new Event(), changed = new Condition();
      await lock.acquire();
      const waits = [lock.acquire(), event.wait(), changed.withLock(() => changed.wait())];
      const pid = await forkProcess(async () => {
        const late = { timeout: 20 };
        console.log(await lock.acquire(late), await event.wait(late), await changed.withLock(() => changed.wait(late)));
        await changed.withLock(() => console.log(changed.notifyAll()));
        event.set();
        lock.release();
      });
      console.log(await Promise.all(waits));
      join(pid);`);
    expect(result).toEqual(printed('false false false\n1\n[ true, true, true ]\n'));
  });
});
