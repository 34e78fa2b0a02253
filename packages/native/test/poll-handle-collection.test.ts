import { nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';

test('a handle and its callback may be collected together', async () => {
  const { code, signal, stdout } = await nodeChild(
    {
      code: `
        import { closeDescriptor, createDoorbell, PollHandle, READABLE } from '../src/index.ts';
        for (let round = 0; round < 20; round++) {
          for (let i = 0; i < 200; i++) {
            const bell = createDoorbell();
            const handle = new PollHandle(bell, () => round);
            if (i % 2 === 0) handle.start(READABLE);
            handle.close();
            closeDescriptor(bell);
          }
          globalThis.gc();
        }
        console.log('collected');
      `,
    },
    { execArgv: ['--expose-gc'] },
  );
  expect({ code, signal, stdout }).toEqual({ code: 0, signal: null, stdout: 'collected\n' });
});
