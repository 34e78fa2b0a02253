import { canFork } from '@mp/native';
import { checkLeaks, nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';

checkLeaks();

/** Runs a program that forks, and returns what it and its children wrote. */
async function program(code: string): Promise<unknown[]> {
  const result = await nodeChild({
    code: `
      import { existsSync, writeSync } from 'node:fs';
      import { forkProcess, openProcess, reapChild, waitChildSync } from '@mp/native';
      import { Client, ClientSync, Listener } from '@mp/connection';
      const say = (...words) => writeSync(1, JSON.stringify(words) + '\\n');
      const join = (pid) => {
        const fd = openProcess(pid);
        waitChildSync(fd, 50_000);
        return reapChild(fd);
      };
      ${code}`,
  });
  expect({ stderr: result.stderr, code: result.code }).toEqual({ stderr: '', code: 0 });
  return result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .toSorted();
}

describe.skipIf(canFork() !== undefined && !canFork()?.includes('thread'))('in a forked child', () => {
  test('a connection goes on, in both forms, also if its parent has waited on it', async () => {
    const said = await program(`
      const listener = new Listener(undefined, { authkey: 'k' });
      const [client, server] = await Promise.all([Client(listener.address, { authkey: 'k' }), listener.accept()]);
      await client.recv({ timeout: 1 }).catch(() => {});
      const waits = server.recv().then((message) => say('parent', message));
      const pid = await forkProcess(async () => {
        client.sendSync('from the child');
        say('child', await client.recv());
        say('child', client.recvSync());
        client.close();
      });
      client.close();
      await waits;
      await server.send('first');
      await server.send('second');
      join(pid);
      await server.recv().catch((error) => say('parent', error.code));
      listener.close();`);
    expect(said).toEqual([
      ['child', 'first'],
      ['child', 'second'],
      ['parent', 'ERR_MP_EOF'],
      ['parent', 'from the child'],
    ]);
  });

  test('a listener accepts, and its path is left to the parent', async () => {
    const said = await program(`
      const listener = new Listener(undefined, { authkey: 'k' });
      const parent = process.pid;
      listener.accept().then(() => say('parent', 'accepted'), (error) => say(parent === process.pid, error.code));
      const pid = await forkProcess(async () => {
        const connection = await listener.accept();
        say('child', await connection.recv());
        await connection.send('served');
        listener.close();
      });
      // The parent's event loop stands still, so the child it is who accepts.
      const client = ClientSync(listener.address, { authkey: 'k', timeout: 50_000 });
      client.sendSync('asked');
      say('client', client.recvSync({ timeout: 50_000 }));
      client.close();
      join(pid);
      say('path', existsSync(listener.address));
      listener.close();
      say('path', existsSync(listener.address));`);
    expect(said).toEqual([
      ['child', 'asked'],
      ['client', 'served'],
      ['path', false],
      ['path', true],
      [true, 'ERR_MP_CLOSED'],
    ]);
  });
});
