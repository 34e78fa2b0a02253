import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';

checkLeaks();

test('who has no descriptors or mappings left is told what could not be made, and what to do; no name and no descriptor stays behind', async () => {
  const { stdout, stderr, code } = await nodeChild({
    code: `
      import { execFileSync } from 'node:child_process';
      import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
      import { ProcessError } from '@mp/errors';
      import { SharedMemory } from '@mp/shared-memory';
      import { Block } from '@mp/shared-memory/internal';
      execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=100:100']);
      const name = 'mp-shortage-' + process.pid;
      const open = () => readdirSync('/proc/self/fd').length;
      const tell = (attempt) => {
        try {
          attempt();
          return 'done';
        } catch (error) {
          return [error instanceof ProcessError, error.code, error.cause?.code, error.message.split('. ')[0]].join(' ').replace(name, 'NAME');
        }
      };
      const withNone = (attempt) => {
        const taken = [];
        try {
          for (;;) taken.push(openSync('/dev/null', 'r'));
        } catch (error) {
          if (error.code !== 'EMFILE') throw error;
        }
        const outcome = tell(attempt);
        for (const descriptor of taken) closeSync(descriptor);
        return outcome;
      };
      const before = open();
      console.log(withNone(() => Block.allocate(8)));
      console.log(withNone(() => SharedMemory.anonymous(8)));
      console.log(withNone(() => new SharedMemory({ name, create: true, size: 8 })));
      // No address space for it: the name exists already when it is to be mapped.
      const used = Number(execFileSync('sh', ['-c', 'grep VmSize /proc/' + process.pid + '/status']).toString().match(/\\d+/)[0]) * 1024;
      const size = 60 << 20;
      execFileSync('prlimit', ['--pid', String(process.pid), '--as=' + (used + size / 2) + ':unlimited']);
      const outcome = tell(() => new SharedMemory({ name, create: true, size }));
      execFileSync('prlimit', ['--pid', String(process.pid), '--as=unlimited:unlimited']);
      console.log(outcome);
      console.log(existsSync('/dev/shm/' + name), open() - before);
    `,
  });
  const noDescriptor = 'this process has no file descriptor left';
  expect([stderr, code]).toEqual(['', 0]);
  expect(stdout.trimEnd().split('\n')).toEqual([
    `true EMFILE EMFILE There is no shared memory for a lock, a value, an array or the like (EMFILE): ${noDescriptor}`,
    `true EMFILE EMFILE SharedMemory without a name could not be made (EMFILE): ${noDescriptor}`,
    `true EMFILE EMFILE SharedMemory 'NAME' could not be opened (EMFILE): ${noDescriptor}`,
    "true ENOMEM ENOMEM SharedMemory 'NAME' could not be mapped (ENOMEM): the system gives no more memory, or this process has as many mappings as it may",
    'false 0',
  ]);
});
