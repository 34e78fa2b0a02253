import { getContext } from '@mp/context';
import { Process } from '@mp/process';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { quiet } from './fixtures/quiet.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

const local = (): number => 1;

/** Made to be pickled with a field that cannot be. */
class Local extends Process {
  handler: () => number = local;
}

/** With fork nothing is pickled. */
describe.each(startMethods.filter((method) => method !== 'fork'))('what cannot be pickled, by %s,', (method) => {
  const context = getContext(method);
  test.each([
    ['target', new Process({ target: local, context })],
    ['args[0]', new Process({ target: quiet, args: [local as never, []], context })],
    ['args[1][2].cb', new Process({ target: quiet, args: [quiet, [1, 2, { cb: local }]], context })],
    ['kwargs.cb', new Process({ target: quiet as (options: object) => void, kwargs: { cb: local }, context })],
    ['class', new Local({ context })],
  ])('is called %s, as in the options', async (path, child) => {
    await expect(child.start()).rejects.toMatchObject({
      name: 'PicklingError',
      path,
      message: expect.stringContaining(`\`${path}\` cannot be pickled: it is the `),
      stack: expect.stringContaining(`\`${path}\``),
    });
    await expect(child.start()).rejects.not.toThrow('value.');
  });
});
