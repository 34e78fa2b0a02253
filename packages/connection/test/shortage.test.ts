import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';

checkLeaks();

test('who has no descriptors left is told what could not be made or received, and what to do; nothing half made stays behind', async () => {
  const { stdout, stderr, code } = await nodeChild({
    code: `
      import { execFileSync } from 'node:child_process';
      import { closeSync, openSync, readdirSync } from 'node:fs';
      import { ProcessError } from '@mp/errors';
      import { Pipe } from '@mp/connection';
      const MOST_FREE = 9;
      execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=100:100']);
      const open = () => readdirSync('/proc/self/fd').length;
      const withFree = (free, attempt) => {
        const taken = [];
        try {
          for (;;) taken.push(openSync('/dev/null', 'r'));
        } catch (error) {
          if (error.code !== 'EMFILE') throw error;
        }
        for (let i = 0; i < free; i++) closeSync(taken.pop());
        try {
          attempt();
          return 'done';
        } catch (error) {
          return [error instanceof ProcessError, error.code, error.cause.code, error.syscall === error.cause.syscall, error.message.split('. ')[0]].join(' ');
        } finally {
          for (const descriptor of taken) closeSync(descriptor);
        }
      };
      // From here on everything is loaded.
      Pipe().forEach((end) => end.close());
      const before = open();
      const outcomes = new Set();
      for (let free = 0; free <= MOST_FREE; free++) outcomes.add(withFree(free, () => Pipe().forEach((end) => end.close())));
      console.log([...outcomes].join('\\n'));
      const [a, b] = Pipe();
      const [carried, kept] = Pipe();
      a.sendSync(carried);
      a.sendSync('next');
      console.log(withFree(2, () => b.recvSync()));
      console.log(b.recvSync());
      console.log(withFree(0, () => a.sendSync(new Uint8Array(1 << 20))));
      for (const end of [a, b, carried, kept]) end.close();
      console.log(open() - before);
    `,
  });
  const noDescriptor = 'this process has no file descriptor left';
  expect([stderr, code]).toEqual(['', 0]);
  expect(stdout.trimEnd().split('\n')).toEqual([
    `true EMFILE EMFILE true No pipe could be made (EMFILE): ${noDescriptor}`,
    'done',
    `true EMFILE EMFILE true A message with 4 descriptors could not be received and is lost (EMFILE): ${noDescriptor}`,
    'next',
    `true EMFILE EMFILE true There is no memory for a large message (EMFILE): ${noDescriptor}`,
    '0',
  ]);
});
