import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { checkLeaks, nodeChild } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startMethods } from './start-methods.ts';

checkLeaks();

const program = new URL('./fixtures/programs/streams.ts', import.meta.url);

describe.each(startMethods)('a child by %s', (method) => {
  test('writes where its parent writes', async () => {
    expect(await nodeChild(program, { args: ['plain', method] })).toEqual({
      stdout: 'printed\n',
      stderr: 'printed, too\n',
      code: 40,
      signal: null,
    });
  });

  test('is none the worse for a parent that has closed its streams', async () => {
    const { code } = await nodeChild(program, { args: ['closed by the program', method] });
    expect(code).toBe(40);
  });

  test('is none the worse for a parent that was started without streams', async () => {
    const words = ['-c', 'exec "$@" <&- >&- 2>&-', 'sh', process.execPath, '--conditions=@mp/source'];
    const child = spawn('sh', [...words, fileURLToPath(program), 'plain', method]);
    expect(await once(child, 'close')).toEqual([40, null]);
  });

  test('can be terminated while it is stuck, writing what nobody reads', async () => {
    const words = ['--conditions=@mp/source', fileURLToPath(program), 'full', method];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const ended = once(child, 'exit');
    expect(await text(child.stderr)).toBe('begins');
    // SIGTERM is 15.
    expect(await ended).toEqual([40 - 15, null]);
    child.stdout.destroy();
  });
});
