// @module-tag every-node
import { canFork } from '@mp/native';
import { nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { checkConnectionLeaks } from './fixtures/pipes.ts';

// A child that is forked has the connections of its parent, without having been given them.
checkConnectionLeaks();

/** Runs a program with a pipe `[ours, theirs]`, and returns what it and its children wrote. */
async function program(code: string): Promise<string[]> {
  const {
    stdout,
    stderr,
    code: exitCode,
  } = await nodeChild({
    code: `
      import { writeSync } from 'node:fs';
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      import { forkProcess, openProcess, reapChild, signalProcess, waitChildSync } from '@mp/native';
      import { Pipe } from '@mp/connection';
      import { segmentPool } from '../src/segment/pool.ts';
      import { HOLDERS } from '../src/local/layout.ts';
      import { mapRing } from './fixtures/ring-memory.ts';
      const say = (x) => writeSync(1, JSON.stringify(x?.name ?? x) + '\\n');
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc');
      const [ours, theirs] = Pipe();
      const { pipe } = mapRing(ours);
      const end = (pid, signal) => {
        const fd = openProcess(pid);
        if (signal) signalProcess(fd, signal);
        waitChildSync(fd, 50_000);
        return reapChild(fd);
      };
      ${code}`,
  });
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe.skipIf(canFork() !== undefined && !canFork()?.includes('thread'))('in a forked child', () => {
  test('both talk, with small messages and large ones', async () => {
    const said = await program(`
      ours.sendSync({ big: new Uint8Array(300_000).fill(1) });
      const pid = await forkProcess(async () => {
        const { big } = await theirs.recv();
        say([big.length, big[299_999]]);
        theirs.sendSync('small');
        theirs.sendSync({ big: new Uint8Array(300_000).fill(2) });
        say(await theirs.recv());
      });
      say(await ours.recv());
      say((await ours.recv()).big[299_999]);
      ours.sendSync('and back');
      end(pid);`);
    expect(said.toSorted()).toEqual([[300_000, 1], 'small', 2, 'and back'].toSorted());
  });

  test('what waits in the parent waits there alone', async () => {
    const said = await program(`
      theirs.recv().then((message) => say(['in', process.pid === parent, message]));
      const parent = process.pid;
      const pid = await forkProcess(() => {});
      end(pid);
      ours.sendSync('once');
      await new Promise(setImmediate);
      await new Promise(setImmediate);`);
    expect(said).toEqual([['in', true, 'once']]);
  });

  test('it counts as a holder, until it is dead', async () => {
    const said = await program(`
      const pid = await forkProcess(() => setInterval(() => {}, 1000));
      say([pipe[HOLDERS], pipe[HOLDERS + 1]]);
      theirs.close();
      say(ours.pollSync());
      end(pid, 9);
      say(await ours.recv().catch((error) => error));
      say([pipe[HOLDERS], pipe[HOLDERS + 1]]);`);
    expect(said[0]).toEqual([2, 2]);
    expect(said[1]).toBe(false);
    expect(said[2]).toBe('EOFError');
  });

  test('its parent’s death is told though it has a copy of the parent’s end itself', async () => {
    const said = await program(`
      const [control, controlled] = Pipe();
      const pid = await forkProcess(() => {
        controlled.sendSync('ready');
        const deadline = Date.now() + 10_000;
        try { theirs.recvSync(); } catch (error) { say(error); }
      });
      say(await control.recv());
      ours.close();
      end(pid);`);
    expect(said).toEqual(['ready', 'EOFError']);
  });

  test('it never writes into memory that its parent uses for a message', async () => {
    const said = await program(`
      ours.sendSync({ big: new Uint8Array(300_000).fill(1) });
      const first = theirs.recvSync();
      ours.sendSync({ big: new Uint8Array(300_000).fill(2) });
      const pid = await forkProcess(() => {
        say(segmentPool.statistics().segments);
        for (let i = 0; i < 20; i++) ours.sendSync({ big: new Uint8Array(300_000).fill(100 + i) });
        say([first.big[0], first.big[299_999]]);
      });
      end(pid);
      const second = theirs.recvSync();
      say([first.big[0], second.big[0], second.big[299_999]]);
      for (let i = 0; i < 20; i++) say(theirs.recvSync().big[5] === 100 + i);`);
    expect(said.slice(0, 3)).toEqual([0, [1, 1], [1, 2, 2]]);
    expect(said.slice(3)).toEqual(Array(20).fill(true));
  });

  test('what it looks at stays as it is when the parent has done with it', async () => {
    const said = await program(`
      ours.sendSync({ big: new Uint8Array(300_000).fill(1) });
      let message = theirs.recvSync();
      const [go, wait] = Pipe();
      const pid = await forkProcess(() => {
        wait.recvSync();
        say([message.big[0], message.big[299_999]]);
      });
      message = undefined;
      // All others are kept, so that each message asks for the memory of the first.
      const kept = [];
      for (let i = 0; i < 10; i++) {
        ours.sendSync({ big: new Uint8Array(300_000).fill(9) });
        kept.push(theirs.recvSync());
        gc();
        await new Promise(setImmediate);
      }
      go.sendSync('look');
      end(pid);`);
    expect(said).toEqual([[1, 1]]);
  });
});
