// @module-tag every-node
import { BrokenPipeError, EOFError } from '@mp/errors';
import { until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { forms } from './fixtures/forms.ts';
import { pipeToPeer, startPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, outcome, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

describe.each(forms)('in the $name form', ({ name, send, recv, recvBytes, recvBytesInto, poll, wait }) => {
  test('receiving from a pipe whose other end is closed is the end, every time', async () => {
    const [a, b] = testPipe();
    a.close();
    for (let i = 0; i < 3; i++) {
      await expect(recv(b)).rejects.toThrow(EOFError);
      await expect(recvBytes(b)).rejects.toThrow(EOFError);
      await expect(recvBytesInto(b, new Uint8Array(9))).rejects.toThrow(EOFError);
      expect(await poll(b)).toBe(true);
      expect(await wait([b])).toEqual([b]);
    }
    await expect(recv(b)).rejects.toMatchObject({ code: 'ERR_MP_EOF' });
  });

  test('the end comes before the end of the time, also when that is over already', async () => {
    const [a, b] = testPipe();
    a.close();
    await expect(recv(b, { timeout: 0 })).rejects.toThrow(EOFError);
    await expect(recv(b, { timeout: -1 })).rejects.toThrow(EOFError);
    await expect(recv(b, { timeout: 60_000 })).rejects.toThrow(EOFError);
  });

  test('what a process sent is received after it has ended, then the end', async () => {
    const { ours, peer } = pipeToPeer('sendNumbered', [50, name]);
    expect(await peer.ended).toMatchObject({ code: 0 });
    for (let n = 0; n < 50; n++) expect(await recv(ours)).toMatchObject({ n });
    await expect(recv(ours)).rejects.toThrow(EOFError);
  });

  test('a large message of a process that has ended is received', async () => {
    const { ours, peer } = pipeToPeer('sendLarge', [3, 400_000, name]);
    expect(await peer.ended).toMatchObject({ code: 0 });
    for (let n = 0; n < 3; n++) {
      expect(await recv(ours)).toEqual({ n, big: new Uint8Array(400_000).fill(n) });
    }
    await expect(recv(ours)).rejects.toThrow(EOFError);
  });

  test('the end comes while receiving waits, when the other process ends', async () => {
    const { ours, peer } = pipeToPeer('endOnSignal');
    await peer.says('ready');
    peer.kill('SIGTERM');
    await expect(recv(ours)).rejects.toThrow(EOFError);
  });

  test('the end comes while receiving waits, when the other process is killed', async () => {
    const { ours, peer } = pipeToPeer('idle');
    await peer.says('ready');
    peer.kill('SIGKILL');
    await expect(recv(ours)).rejects.toThrow(EOFError);
    expect(await poll(ours)).toBe(true);
  });

  test('the end comes when the last of those that hold the other end is gone', async () => {
    const [ours, theirs] = testPipe();
    const first = startPeer('idle', [theirs]);
    const second = startPeer('idle', [theirs]);
    theirs.close();
    await Promise.all([first.says('ready'), second.says('ready')]);
    first.kill('SIGKILL');
    await first.ended;
    expect(await outcome(recv(ours, { timeout: 30 }))).toMatchObject({ name: 'TimeoutError' });
    second.kill('SIGKILL');
    await expect(recv(ours)).rejects.toThrow(EOFError);
  });

  test('sending to a pipe whose other end is closed is a broken pipe, every time', async () => {
    const [a, b] = testPipe();
    b.close();
    for (let i = 0; i < 3; i++) {
      await expect(send(a, i)).rejects.toThrow(BrokenPipeError);
      await expect(send(a, 'x'.repeat(400_000))).rejects.toMatchObject({ code: 'EPIPE', name: 'BrokenPipeError' });
    }
  });

  test('sending to a process that was killed is a broken pipe, after 32 messages at the latest', async () => {
    const { ours, peer } = pipeToPeer('idle');
    await peer.says('ready');
    peer.kill('SIGKILL');
    await peer.ended;
    let sent = 0;
    const error = await outcome(
      (async () => {
        for (; sent < 100; sent++) await send(ours, sent);
      })(),
    );
    expect(error).toBeInstanceOf(BrokenPipeError);
    expect(sent).toBeLessThan(32);
    await expect(recv(ours)).rejects.toThrow(EOFError);
  });

  test('sending after the end was received is a broken pipe at the first message', async () => {
    const { ours, peer } = pipeToPeer('idle');
    await peer.says('ready');
    peer.kill('SIGKILL');
    await expect(recv(ours)).rejects.toThrow(EOFError);
    await expect(send(ours, 'x')).rejects.toThrow(BrokenPipeError);
  });

  test('a one-way pipe ends for the reader when the writer is killed, and for the writer when the reader is', async () => {
    const one = testPipe(false);
    const writer = startPeer('idle', [one[1]]);
    one[1].close();
    const two = testPipe(false);
    const reader = startPeer('idle', [two[0]]);
    two[0].close();
    await Promise.all([writer.says('ready'), reader.says('ready')]);
    writer.kill();
    reader.kill();
    await expect(recv(one[0])).rejects.toThrow(EOFError);
    await reader.ended;
    await expect(
      (async () => {
        for (let i = 0; i < 100; i++) await send(two[1], i);
      })(),
    ).rejects.toThrow(BrokenPipeError);
  });
});

test('an end that nobody waits on notices the end at the next call', async () => {
  const { ours, peer } = pipeToPeer('idle');
  await peer.says('ready');
  expect(ours.pollSync()).toBe(false);
  peer.kill();
  await peer.ended;
  await until(() => ours.pollSync(), { what: 'the end of the pipe' });
  expect(() => ours.recvSync()).toThrow(EOFError);
});
