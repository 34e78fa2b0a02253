import { checkLeaks, startNode } from '@mp/testing';
import { expect, test } from 'vitest';
import {
  closeDescriptor,
  createDoorbell,
  HANGUP,
  pollSync,
  pollTwoSync,
  READABLE,
  ringDoorbell,
  sendDescriptors,
  silenceDoorbell,
  WRITABLE,
} from '../src/index.ts';
import { closedAfterTest, testSocketPair } from './descriptors.ts';

checkLeaks();

const testBell = (): number => closedAfterTest(createDoorbell());

test('pollTwoSync tells which of the two is ready, and for what', () => {
  const [a, b] = [testBell(), testBell()];
  const [socket] = testSocketPair();
  expect(pollTwoSync(a, READABLE, b, READABLE, 0)).toBe(0);
  ringDoorbell(a);
  expect(pollTwoSync(a, READABLE, b, READABLE, 0)).toBe(READABLE);
  ringDoorbell(b);
  expect(pollTwoSync(a, READABLE, b, READABLE, 0)).toBe(READABLE | (READABLE << 8));
  expect(pollTwoSync(-1, 0, socket, READABLE | WRITABLE, 0)).toBe(WRITABLE << 8);
  expect(pollTwoSync(-1, 0, -1, 0, 0)).toBe(0);
});

test('pollSync fills in what is ready, and skips -1', () => {
  const [a, b] = testSocketPair();
  const bell = testBell();
  const watch = new Int32Array([bell, READABLE, 9, -1, READABLE, 9, a, READABLE | WRITABLE, 9, b, READABLE, 9]);
  expect(pollSync(watch, 4, Number.POSITIVE_INFINITY)).toBe(1);
  expect([watch[2], watch[5], watch[8], watch[11]]).toEqual([0, 0, WRITABLE, 0]);
  sendDescriptors(a, 1, []);
  ringDoorbell(bell);
  expect(pollSync(watch, 4, 0)).toBe(3);
  expect([watch[2], watch[5], watch[8], watch[11]]).toEqual([READABLE, 0, WRITABLE, READABLE]);
  expect(pollSync(watch, 0, 0)).toBe(0);
});

test('pollSync watches a thousand', () => {
  const bells = Array.from({ length: 1000 }, testBell);
  const watch = new Int32Array(bells.flatMap((bell) => [bell, READABLE, 0]));
  for (const i of [0, 500, 999]) ringDoorbell(bells[i] as number);
  expect(pollSync(watch, 1000, Number.POSITIVE_INFINITY)).toBe(3);
  expect([watch[2], watch[3 * 500 + 2], watch[3 * 999 + 2], watch[5]]).toEqual([1, 1, 1, 0]);
});

test('a time-out ends the wait, not before its time', () => {
  const bell = testBell();
  const start = performance.now();
  expect(pollTwoSync(bell, READABLE, -1, 0, 20.5)).toBe(0);
  expect(pollSync(new Int32Array([bell, READABLE, 0]), 1, 20.5)).toBe(0);
  expect(performance.now() - start).toBeGreaterThanOrEqual(41);
  expect(pollTwoSync(bell, READABLE, -1, 0, -5)).toBe(0);
});

test('a signal does not end the wait', async () => {
  const code = `
    import { createDoorbell, pollTwoSync, READABLE } from '../src/index.ts';
    process.on('SIGUSR2', () => console.log('heard'));
    console.log('waits');
    const start = performance.now();
    pollTwoSync(createDoorbell(), READABLE, -1, 0, 300);
    console.log(performance.now() - start >= 300 ? 'whole' : 'short');`;
  const child = startNode({ code });
  await child.says('waits');
  for (let i = 0; i < 5; i++) child.kill('SIGUSR2');
  expect((await child.ended).stdout).toMatch(/^waits\nwhole\n/);
});

test('a hang-up is returned, even if not wanted', () => {
  const [a, b] = testSocketPair();
  expect(pollTwoSync(b, HANGUP, -1, 0, 0)).toBe(0);
  closeDescriptor(a);
  expect(pollTwoSync(b, HANGUP, -1, 0, Number.POSITIVE_INFINITY)).toBe(HANGUP);
  expect(pollTwoSync(b, 0, -1, 0, Number.POSITIVE_INFINITY)).toBe(HANGUP);
  expect(pollTwoSync(b, READABLE, -1, 0, 0)).toBe(READABLE | HANGUP);
});

test('another process ends the wait', async () => {
  const bell = testBell();
  const code = "import { ringDoorbell } from '../src/index.ts'; ringDoorbell(3);";
  const child = startNode({ code }, { descriptors: [bell] });
  expect(pollTwoSync(bell, READABLE, -1, 0, 50_000)).toBe(READABLE);
  expect(silenceDoorbell(bell)).toBe(true);
  expect((await child.ended).code).toBe(0);
});

test('a descriptor that is not open is an error that names it', () => {
  const bell = testBell();
  const closed = expect.objectContaining({ code: 'EBADF', syscall: 'poll', fd: 1_000_000 });
  expect(() => pollTwoSync(bell, READABLE, 1_000_000, READABLE, 0)).toThrow(closed);
  expect(() => pollSync(new Int32Array([bell, 1, 0, 1_000_000, 1, 0]), 2, 0)).toThrow(closed);
});

test('a wait for nothing and without end is refused', () => {
  const refused = expect.objectContaining({
    code: 'ERR_INVALID_ARG_VALUE',
    message: expect.stringContaining('timeout'),
  });
  expect(() => pollTwoSync(-1, 0, -1, 0, Number.POSITIVE_INFINITY)).toThrow(refused);
  expect(() => pollSync(new Int32Array([-1, 1, 0]), 1, Number.POSITIVE_INFINITY)).toThrow(refused);
  expect(() => pollSync(new Int32Array(0), 0, Number.POSITIVE_INFINITY)).toThrow(refused);
});

test('more descriptors than the array has are refused', () => {
  expect(() => pollSync(new Int32Array(5), 2, 0)).toThrow(
    expect.objectContaining({ code: 'ERR_OUT_OF_RANGE', message: expect.stringContaining('"count"') }),
  );
});
