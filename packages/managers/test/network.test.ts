import { fileURLToPath } from 'node:url';
import type { Address } from '@mp/connection';
import { TimeoutError } from '@mp/errors';
import { ManagerLostError, within } from '@mp/managers';
import { checkLeaks, nodeChild, startNode, until } from '@mp/testing';
import { canIsolate } from '@mp/testing/isolation';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TcpProxy } from './fixtures/tcp-proxy.ts';
import { outcome, started, TestManager } from './managers.ts';

checkLeaks();

const overTcp = { address: ['127.0.0.1', 0], authkey: 'k' } as const;

/** A server in another process: where it is. In this one nobody is connected to it, but by the proxy. */
async function serverElsewhere(): Promise<Address> {
  const program = startNode({
    code: `
      import { SyncManager } from '@mp/managers';
      import { Maths } from './fixtures/maths.ts';
      const server = new (SyncManager.register('Maths', { create: Maths }))(${JSON.stringify(overTcp)}).getServer();
      console.log('port', server.address[1]);
      await server.serveForever();`,
  });
  onTestFinished(async () => {
    program.kill();
    await program.ended;
  });
  const [, port] = await program.says(/port (\d+)/);
  return ['127.0.0.1', Number(port)];
}

async function connected(address: Address): Promise<TestManager> {
  const client = new TestManager({ ...overTcp, address });
  await client.connect();
  onTestFinished(() => client.shutdown());
  return client;
}

describe('a network that is cut in the middle of a call', () => {
  test('with a reset is an error at once, also for later calls, and the server goes on', async () => {
    const proxy = await TcpProxy.to(await serverElsewhere());
    const client = await connected(proxy.address);
    const maths = await client.Maths();
    const lock = await client.Lock();
    await lock.acquire();
    const waiting = [maths.forever(), within(maths, { timeout: 60_000 }).forever()].map(outcome);
    expect(await maths.add(1, 1)).toBe(2);
    proxy.reset();
    expect(await Promise.all(waiting)).toEqual([expect.any(ManagerLostError), expect.any(ManagerLostError)]);
    expect(await outcome(maths.add(1, 2))).toBeInstanceOf(ManagerLostError);
    expect(await outcome(client.Maths())).toBeInstanceOf(ManagerLostError);
    const again = await connected(proxy.address);
    await until(async () => (await again.numberOfObjects()) === 0, { what: 'what the client had to be let go' });
    expect(await (await again.Maths()).add(2, 2)).toBe(4);
  });

  test('ends a blocking call, too', async () => {
    const manager = await started('spawn', overTcp);
    const proxy = await TcpProxy.to(manager.address!);
    const program = startNode({
      code: `
        import { SyncManager } from '@mp/managers';
        const client = new SyncManager(${JSON.stringify({ ...overTcp, address: proxy.address })});
        await client.connect();
        const queue = await client.Queue();
        const dict = await client.dict([['a', 1]]);
        console.log('waits', dict.sync.get('a'));
        try {
          queue.sync.get();
        } catch (error) {
          console.log(error.code);
        }
        process.exit();`,
    });
    await program.says(/waits 1/);
    await until(async () => (await manager.debugInfo()).includes('Queue'));
    proxy.reset();
    expect((await program.ended).stdout).toContain('ERR_MP_MANAGER_LOST');
  });

  test('without anybody being told is ended by a time-out, though the server cannot be asked any more', async () => {
    const proxy = await TcpProxy.to(await serverElsewhere());
    const maths = await (await connected(proxy.address)).Maths();
    const begun = performance.now();
    const limited = within(maths, { timeout: 20 });
    proxy.stall();
    expect(await outcome(limited.add(1, 1))).toBeInstanceOf(TimeoutError);
    // The time, and the second that the server had for its answer.
    expect(performance.now() - begun).toBeLessThan(50_000);
  });

  test.runIf(canIsolate())(
    'by its cable is an error after peerTimeout, and the server releases what its client had',
    {
      timeout: 180_000,
    },
    async () => {
      const program = fileURLToPath(new URL('fixtures/cut-cable.ts', import.meta.url));
      const { stdout, stderr } = await nodeChild(program, { limit: 150_000 });
      expect(stderr).toBe('');
      const { code, seconds, released } = JSON.parse(stdout);
      expect(code).toBe('ERR_MP_MANAGER_LOST');
      expect(seconds).toBeGreaterThan(1);
      expect(seconds).toBeLessThan(100);
      expect(released).toBeLessThan(120);
    },
  );
});
