import { BrokenPipeError, EOFError } from '@mp/errors';
import { nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { HOLDERS } from '../src/local/layout.ts';
import { startPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, pattern, ringMemory, SMALL, testPipe } from './fixtures/pipes.ts';

// A program gives one end of a pipe to a process and forgets to close its own copy of it. The process dies.
checkConnectionLeaks();

describe('whoever blocks the thread is told of the death:', () => {
  test('recvSync', () => {
    const [ours, theirs] = testPipe();
    startPeer('killYourselfWhenAwaited', [theirs]);
    expect(() => ours.recvSync()).toThrow(EOFError);
    expect(() => ours.recvSync({ timeout: 0 })).toThrow(EOFError);
  });

  test('sendSync', () => {
    const [ours, theirs] = testPipe({ capacity: SMALL });
    startPeer('killYourselfWhenFull', [theirs]);
    expect(() => {
      for (let i = 0; i < 1000; i++) ours.sendBytesSync(pattern(500));
    }).toThrow(BrokenPipeError);
  });

  test('after everything that was sent before', async () => {
    const [ours, theirs] = testPipe();
    const peer = startPeer('sayAndStay', [theirs], ['last words']);
    await peer.says('ready');
    peer.kill();
    await peer.ended;
    expect(ours.recvSync()).toBe('last words');
    expect(() => ours.recvSync()).toThrow(EOFError);
  });

  test('but not one that waits for a while only, for whom the end may be given to another process', async () => {
    const [ours, theirs] = testPipe();
    const peer = startPeer('idle', [theirs]);
    await peer.says('ready');
    peer.kill();
    await peer.ended;
    expect(() => ours.recvSync({ timeout: 600 })).toThrow('did not come within 600 ms');
    startPeer('sayAndStay', [theirs], ['from the second']);
    expect(ours.recvSync()).toBe('from the second');
  });
});

/** A program in which a child with a copy of `theirs` has been killed; returns what it wrote until it ended. */
async function program(code: string): Promise<string> {
  const { stdout, stderr } = await nodeChild({
    code: `
      import { spawn } from 'node:child_process';
      import { once } from 'node:events';
      import { fileURLToPath } from 'node:url';
      import { Pipe, wait } from '@mp/connection';
      const [ours, theirs] = Pipe({ capacity: 4096 });
      const peer = fileURLToPath(import.meta.resolve('./fixtures/peer.ts'));
      const start = (...args) => {
        theirs.transport.countHolder();
        const stdio = ['ignore', 'pipe', 'inherit', ...theirs.transport.descriptors];
        return spawn(process.execPath, [...process.execArgv, peer, args[0], '1', ...args.slice(1)], { stdio });
      };
      const child = start('idle');
      await once(child.stdout, 'data');
      const say = (x) => console.log(x?.name ?? x);
      ${code}`,
  });
  expect(stderr).toBe('');
  return stdout;
}

describe('whoever waits in the event loop is told when nothing else is left to do there:', () => {
  test.each([
    ['recv', 'await ours.recv().catch(say);', 'EOFError\n'],
    ['recv, though the death came first', `await once(child, 'exit'); await ours.recv().catch(say);`, 'EOFError\n'],
    ['send', `for (let i = 0; i < 9; i++) await ours.send('x'.repeat(900)).catch(say);`, /^(BrokenPipeError\n)+$/],
    ['wait', 'say((await wait([ours])).length);', '1\n'],
    ['iteration', `for await (const message of ours) say(message); say('over');`, 'over\n'],
    ['two at once', 'await Promise.all([ours.recv().catch(say), ours.recv().catch(say)]);', 'EOFError\nEOFError\n'],
  ])('%s', async (_, code, said) => {
    const output = await program(`setTimeout(() => child.kill('SIGKILL'), 20); ${code}`);
    if (typeof said === 'string') expect(output).toBe(said);
    else expect(output).toMatch(said);
  });

  test('and not before: the copy here may be used yet', async () => {
    const code = `
      child.kill('SIGKILL');
      const received = ours.recv();
      await once(child, 'exit');
      setTimeout(() => theirs.send('from here'), 800);
      say(await received);`;
    expect(await program(code)).toBe('from here\n');
  });

  test('nor when it is given to another process', async () => {
    const code = `
      child.kill('SIGKILL');
      const received = ours.recv();
      await once(child, 'exit');
      await new Promise((go) => setTimeout(go, 600));
      const second = start('sayAndStay', 'from the second');
      say(await received);
      second.kill('SIGKILL');`;
    expect(await program(code)).toBe('from the second\n');
  });
});

test('of several who hold an end the dead are not counted any more', async () => {
  const [ours, theirs] = testPipe();
  const { pipe } = ringMemory(ours);
  const peers = [startPeer('idle', [theirs]), startPeer('idle', [theirs]), startPeer('idle', [theirs])];
  for (const peer of peers) await peer.says('ready');
  expect(pipe[HOLDERS + 1]).toBe(4);
  for (const peer of peers.slice(1)) {
    peer.kill();
    await peer.ended;
  }
  expect(() => ours.recvSync({ timeout: 300 })).toThrow('did not come');
  startPeer('killYourselfWhenAwaited', [theirs]);
  peers[0]?.kill();
  expect(() => ours.recvSync()).toThrow(EOFError);
  expect(pipe[HOLDERS + 1]).toBe(1);
});
