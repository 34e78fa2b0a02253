import { nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { checkConnectionLeaks } from './fixtures/pipes.ts';

checkConnectionLeaks();

/** Runs a program that has a pipe `[a, b]`, and returns what it wrote until it ended by itself. */
async function program(code: string): Promise<string> {
  const {
    stdout,
    stderr,
    code: exitCode,
  } = await nodeChild({
    code: `
      import { Pipe, wait } from '@mp/connection';
      const [a, b] = Pipe({ capacity: 4096 });
      ${code}`,
  });
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return stdout;
}

describe('a process ends by itself', () => {
  test.each([
    ['while its connections are open and idle', ''],
    ['after a call that waited', 'const p = b.recv(); setTimeout(() => a.send(1), 1); console.log(await p);'],
    ['after a call that timed out', 'await b.recv({ timeout: 1 }).catch((error) => console.log(error.name));'],
    [
      'after a call that was aborted',
      `const c = new AbortController();
       const p = b.recv({ signal: c.signal }); c.abort();
       await p.catch((error) => console.log(error.name));`,
    ],
    ['after a wait', 'setTimeout(() => a.send(1), 1); console.log((await wait([b])).length);'],
    ['after a poll', 'console.log(await b.poll({ timeout: 1 }));'],
    ['after it has closed a connection on which it waited', 'const p = b.recv(); b.close(); await p.catch(() => {});'],
    ['with unread messages', 'await a.send(1); await a.send(new Uint8Array(200_000));'],
    ['after large messages', 'a.sendSync(new Uint8Array(200_000)); console.log(b.recvSync().length);'],
    [
      'after an iteration that was left',
      'a.sendSync(1); a.sendSync(2); for await (const m of b) { console.log(m); break; }',
    ],
  ])('%s', async (_, code) => {
    expect(await program(`${code}\nconsole.log('at the end');`)).toContain('at the end\n');
  });
});

describe('a call that waits keeps the process alive:', () => {
  // The timer that ends the wait does not keep the process alive itself.
  test.each([
    ['recv', 'b.recv().then(say);', 'a.sendSync(1)'],
    ['recvBytes', 'b.recvBytes().then(say);', 'a.sendBytesSync(Buffer.alloc(1))'],
    ['iteration', '(async () => { for await (const m of b) say(m); })();', 'a.close()'],
    ['poll', 'b.poll({ timeout: Infinity }).then(say);', 'a.sendSync(1)'],
    ['wait', 'wait([b]).then(say);', 'a.sendSync(1)'],
    ['send', `for (let i = 0; i < 6; i++) a.send('x'.repeat(900)).then(say);`, 'while (b.pollSync()) b.recvSync()'],
    ['a wait for the end', 'b.recv().catch(say);', 'a.close()'],
  ])('%s', async (_, begin, end) => {
    const said = await program(`
      let ended = false;
      const say = () => console.log(ended ? 'after the end' : 'before');
      ${begin}
      setTimeout(() => { ended = true; ${end}; }, 20).unref();
      process.on('exit', () => console.log('exit'));`);
    expect(said).toMatch(/after the end|exit/);
    expect(said.indexOf('exit')).toBe(said.length - 'exit\n'.length);
    if (!begin.includes('for await')) expect(said).toContain('after the end');
    else expect(said).toBe('exit\n');
  });
});
