/**
 * The prompt of Node has a domain, and makes each built-in module a global, so that there is one named
 * `domain`. Every callback runs in the domain in which it was made.
 */
import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';

checkLeaks();

test('what the event loop calls is called at the prompt of Node, too', async () => {
  const code = `
    import domain from 'node:domain';
    import * as native from '../src/index.ts';
    globalThis.domain = domain;
    domain.create();

    const words = new Int32Array(native.mapMemory(native.createMemory(4096), 4096));
    const woken = native.futexWait(words, 0, 0);
    while (native.futexWake(words, 0, 1) === 0) await new Promise(setImmediate);
    console.log('woken', await woken);

    const bell = native.createDoorbell();
    const rung = new Promise((resolve) => {
      const handle = new native.PollHandle(bell, (events) => { handle.close(); resolve(events); });
      handle.start(native.READABLE);
    });
    native.ringDoorbell(bell);
    console.log('rung', (await rung) === native.READABLE);
    native.closeDescriptor(bell);`;
  const { stdout, stderr } = await nodeChild({ code });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^woken .+\nrung true\n$/);
});

test('a child that is forked at the prompt is no prompt: what it throws is its own end', async () => {
  const code = `
    import domain from 'node:domain';
    import * as native from '../src/index.ts';

    const prompt = domain.create();
    prompt.on('error', (error) => console.log('caught by process', process.pid === parent ? 'parent' : 'child', error.message));
    const parent = process.pid;
    prompt.run(async () => {
      const pid = await native.forkProcess(() => {
        console.log('in the child', process.domain ?? 'no domain');
        setImmediate(() => { throw new Error('of the child'); });
      });
      const child = native.openProcess(pid);
      await new Promise((resolve) => {
        const handle = new native.PollHandle(child, () => { handle.close(); resolve(); });
        handle.start(native.READABLE);
      });
      console.log('exit code', native.reapChild(child).code);
      native.closeDescriptor(child);
    });`;
  const { stdout, stderr, code: exitCode } = await nodeChild({ code });
  expect(stdout).toBe('in the child no domain\nexit code 1\n');
  expect(stderr).toContain('of the child');
  expect(exitCode).toBe(0);
});
