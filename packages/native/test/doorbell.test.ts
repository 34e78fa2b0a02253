import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';
import { createDoorbell, pollTwoSync, READABLE, ringDoorbell, silenceDoorbell, socketPair } from '../src/index.ts';
import { closedAfterTest } from './descriptors.ts';

checkLeaks();

test('a doorbell is silent until rung, and many rings are one', () => {
  const bell = closedAfterTest(createDoorbell());
  expect(silenceDoorbell(bell)).toBe(false);
  ringDoorbell(bell);
  ringDoorbell(bell);
  expect(pollTwoSync(bell, READABLE, -1, 0, 0)).toBe(READABLE);
  expect(silenceDoorbell(bell)).toBe(true);
  expect(silenceDoorbell(bell)).toBe(false);
  expect(pollTwoSync(bell, READABLE, -1, 0, 0)).toBe(0);
});

test('another process rings it', async () => {
  const bell = closedAfterTest(createDoorbell());
  const code = "import { ringDoorbell } from '../src/index.ts'; ringDoorbell(3);";
  expect((await nodeChild({ code }, { descriptors: [bell] })).code).toBe(0);
  expect(silenceDoorbell(bell)).toBe(true);
});

test('what is not a doorbell is an error that names the descriptor', () => {
  const [socket] = socketPair().map(closedAfterTest) as [number, number];
  expect(silenceDoorbell(socket)).toBe(false); // Nothing to read; nobody can tell.
  expect(() => ringDoorbell(1_000_000)).toThrow(
    expect.objectContaining({ code: 'EBADF', syscall: 'write', fd: 1_000_000 }),
  );
  expect(() => silenceDoorbell(1_000_000)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'read' }));
});
