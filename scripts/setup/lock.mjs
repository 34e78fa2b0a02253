import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { say } from './say.mjs';

/**
 * One set-up at a time in one clone.
 *
 * The lock is a listening socket: the kernel takes it back when its holder dies, however it dies, so there is no stale
 * lock to clear, and whoever waits is connected to the holder and hears of its end at once.
 */
function addressOf(root) {
  const key = createHash('sha256').update(root).digest('hex').slice(0, 24);
  // On Linux a name that is in no file system; elsewhere a file, which a killed holder does leave behind.
  return process.platform === 'linux' ? `\0multiprocessing-setup-${key}` : join(root, '.tools', 'lock');
}

async function tryToListen(address) {
  const waiting = new Set();
  const server = createServer((socket) => {
    waiting.add(socket.on('error', () => {}).on('close', () => waiting.delete(socket)));
  });
  server.listen(address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
  return () => {
    server.close();
    for (const socket of waiting) socket.destroy();
  };
}

/** Resolves when the holder has let go, or is dead. */
async function untilReleased(address) {
  const socket = connect(address);
  let refused = false;
  socket.on('error', () => {
    refused = true;
  });
  // Not events.once(): that rejects at the error which the holder's death may be.
  await new Promise((resolve) => socket.resume().once('close', resolve));
  if (refused && !address.startsWith('\0')) rmSync(address, { force: true });
}

/** Runs `work` while no other set-up of this clone is running. */
export async function withLock(root, work) {
  const address = addressOf(root);
  let release = await tryToListen(address);
  if (release === undefined) say('another set-up of this clone is running, waiting for it');
  while (release === undefined) {
    await untilReleased(address);
    release = await tryToListen(address);
  }
  try {
    return await work();
  } finally {
    release();
  }
}
