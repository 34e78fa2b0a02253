import { Worker } from 'node:worker_threads';
import { checkLeaks, startNode } from '@mp/testing';
import { expect, test } from 'vitest';
import { IDENTITY_MASK, identify, isThreadAlive, thisThread, threadId, threadOf, UNKNOWN_START } from '../src/index.ts';

checkLeaks();

/** Another start whose 9 bits in the word are the same. */
const similar = (start: number): number => start ^ (1 << 20);

test('a thread is a word and a start, which are never 0, and has its number in the word', () => {
  expect(identify()).toBe(thisThread);
  const { word, start } = thisThread;
  expect(word & IDENTITY_MASK).toBe(word);
  expect([threadOf(word), word > 0, start !== UNKNOWN_START]).toEqual([threadId(), true, true]);
});

test('it lives, whether its start was written already or what stands there is that of somebody else', () => {
  const { word, start } = identify();
  expect(isThreadAlive(word, start)).toBe(true);
  expect(isThreadAlive(word)).toBe(true);
  expect(isThreadAlive(word, start ^ 1)).toBe(true);
});

test('one that had the same number and was started at another time is dead', () => {
  const { word, start } = identify();
  expect(isThreadAlive(word ^ (1 << 22), start ^ 1)).toBe(false);
  expect(isThreadAlive(word ^ (1 << 22))).toBe(false);
  expect(isThreadAlive(word, similar(start))).toBe(false);
});

test('one that could not find out its start lives as long as there is a thread of its number', () => {
  expect(isThreadAlive(threadId(), UNKNOWN_START)).toBe(true);
  // Above the largest that Linux gives; and no thread has the number 0.
  expect(isThreadAlive((1 << 22) - 1, UNKNOWN_START)).toBe(false);
  expect(isThreadAlive(1 << 22)).toBe(false);
});

const SAY = `
  const { word, start } = identify();
  say(JSON.stringify([word, start]));
  setInterval(() => {}, 1e6);
`;

test('a process lives for others until it is killed, and so does a worker until it is terminated', async () => {
  const peer = startNode({ code: `import { identify } from '../src/index.ts'; const say = console.log; ${SAY}` });
  const [word, start] = JSON.parse((await peer.says(/^(\[.*\])\n/))[1] as string) as [number, number];
  expect([threadOf(word), isThreadAlive(word, start)]).toEqual([peer.pid, true]);
  peer.kill();
  await peer.ended;
  expect(isThreadAlive(word, start)).toBe(false);

  const module = JSON.stringify(new URL('../src/index.ts', import.meta.url));
  const code = `import(${module}).then(({ identify }) => { const say = (text) => postMessage(text); ${SAY} });`;
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads'); const postMessage = (m) => parentPort.postMessage(m); ${code}`,
    { eval: true },
  );
  const [itsWord, itsStart] = await new Promise<[number, number]>((resolve, reject) => {
    worker.once('message', (text: string) => resolve(JSON.parse(text) as [number, number]));
    worker.once('error', reject);
  });
  expect([itsWord === thisThread.word, isThreadAlive(itsWord, itsStart)]).toEqual([false, true]);
  await worker.terminate();
  expect(isThreadAlive(itsWord, itsStart)).toBe(false);
});
