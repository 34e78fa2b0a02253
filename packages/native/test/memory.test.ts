import { existsSync, statSync } from 'node:fs';
import { checkLeaks } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';
import {
  createMemory,
  descriptorSize,
  discardMemory,
  mapMemory,
  openSharedMemory,
  resizeMemory,
  unlinkSharedMemory,
  unmapMemory,
} from '../src/index.ts';
import { closedAfterTest, targetOf, testWords } from './descriptors.ts';

checkLeaks({ sharedMemoryNames: /^mp-test-/ });

let names = 0;
/** A name that nobody else has, removed at the end of the test if it is there. */
function testName(): string {
  const name = `mp-test-${process.pid}-${++names}`;
  onTestFinished(() => {
    if (existsSync(`/dev/shm/${name}`)) unlinkSharedMemory(name);
  });
  return name;
}

test('new memory has the size asked for, shows its label, and is filled with zeros', () => {
  const fd = closedAfterTest(createMemory(10_000, 'a label'));
  expect(descriptorSize(fd)).toBe(10_000);
  expect(targetOf(fd)).toBe('/memfd:a label (deleted)');
  const buffer = mapMemory(fd, 10_000);
  expect(new Uint8Array(buffer).every((byte) => byte === 0)).toBe(true);
  unmapMemory(buffer);
});

test('memory can be made larger, and the new part is zero', () => {
  const fd = closedAfterTest(createMemory(4096));
  resizeMemory(fd, 12_288);
  expect(descriptorSize(fd)).toBe(12_288);
  const buffer = mapMemory(fd, 12_288);
  expect(new Uint8Array(buffer)[12_287]).toBe(0);
  unmapMemory(buffer);
});

test('anonymous memory cannot be made smaller under those who have it mapped', () => {
  const { fd, words } = testWords(8192);
  expect(() => resizeMemory(fd, 4096)).toThrow(expect.objectContaining({ code: 'EPERM', syscall: 'ftruncate', fd }));
  words[2047] = 1;
  expect(words[2047]).toBe(1);
});

test('a discarded part reads as zeros, the rest stays, and its pages go back to the system', () => {
  const { fd, words } = testWords(3 * 4096);
  words.fill(7);
  const pages = (): number => statSync(`/proc/self/fd/${fd}`).blocks;
  const before = pages();
  discardMemory(fd, 4096, 4096);
  expect(pages()).toBeLessThan(before); // Now, as a look at the words would bring the page back.
  expect([words[1023], words[1024], words[2047], words[2048]]).toEqual([7, 0, 0, 7]);
});

test('named memory is the same for everybody who opens the name, with a slash or without', () => {
  const name = testName();
  const made = closedAfterTest(openSharedMemory(name, { create: true, exclusive: true }));
  resizeMemory(made, 4096);
  const opened = closedAfterTest(openSharedMemory(`/${name}`));
  const a = new Int32Array(mapMemory(made, 4096));
  const b = new Int32Array(mapMemory(opened, 4096));
  a[5] = 99;
  expect(b[5]).toBe(99);
  unmapMemory(a.buffer);
  unmapMemory(b.buffer);
});

test('named memory is for this user only, unless asked otherwise', () => {
  const mine = testName();
  closedAfterTest(openSharedMemory(mine, { create: true }));
  expect(statSync(`/dev/shm/${mine}`).mode & 0o777).toBe(0o600);
  const ours = testName();
  closedAfterTest(openSharedMemory(ours, { create: true }, 0o640));
  expect(statSync(`/dev/shm/${ours}`).mode & 0o777).toBe(0o640 & ~process.umask());
});

test('a name that is taken, or not there, is an error with its path', () => {
  const name = testName();
  const path = `/${name}`;
  expect(() => openSharedMemory(name)).toThrow(
    expect.objectContaining({
      message: `ENOENT: no such file or directory, shm_open '${path}'`,
      code: 'ENOENT',
      errno: -2,
      syscall: 'shm_open',
      path,
    }),
  );
  closedAfterTest(openSharedMemory(name, { create: true }));
  expect(() => openSharedMemory(name, { create: true, exclusive: true })).toThrow(
    expect.objectContaining({ code: 'EEXIST', path }),
  );
  unlinkSharedMemory(name);
  expect(() => unlinkSharedMemory(name)).toThrow(
    expect.objectContaining({ code: 'ENOENT', syscall: 'shm_unlink', path }),
  );
});

test('opening with truncate empties the memory', () => {
  const name = testName();
  resizeMemory(closedAfterTest(openSharedMemory(name, { create: true })), 4096);
  const fd = closedAfterTest(openSharedMemory(name, { truncate: true }));
  expect(descriptorSize(fd)).toBe(0);
});

test('a read-only descriptor can only be mapped read-only, and writes to that reach nobody', () => {
  const name = testName();
  const writable = closedAfterTest(openSharedMemory(name, { create: true }));
  resizeMemory(writable, 4096);
  const readable = closedAfterTest(openSharedMemory(name, { readOnly: true }));
  expect(() => mapMemory(readable, 4096)).toThrow(expect.objectContaining({ code: 'EACCES', syscall: 'mmap' }));
  const theirs = new Int32Array(mapMemory(writable, 4096));
  const ours = new Int32Array(mapMemory(readable, 4096, { readOnly: true, populate: true }));
  theirs[0] = 1;
  expect(ours[0]).toBe(1);
  ours[0] = 2;
  expect(theirs[0]).toBe(1);
  unmapMemory(theirs.buffer);
  unmapMemory(ours.buffer);
});

test.each([
  ['', 'must not be empty'],
  ['/', 'must have at least one character after its slash'],
  ['a/b', 'must not contain a slash'],
  ['//a', 'must not contain a slash'],
  ['.', "must not be '.' or '..'"],
  ['/..', "must not be '.' or '..'"],
  ['a\0b', 'must not contain a NUL'],
  ['x'.repeat(256), 'must not be longer than 255 bytes'],
  ['/'.concat('ä'.repeat(128)), 'must not be longer than 256 bytes'],
])('the name %j is refused, because it %s', (name, reason) => {
  for (const call of [() => openSharedMemory(name, { create: true }), () => unlinkSharedMemory(name)]) {
    expect(call).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining(reason) }),
    );
  }
});

test('flags that contradict each other are refused', () => {
  expect(() => openSharedMemory('mp-test', { exclusive: true })).toThrow(/flags\.exclusive.*without flags\.create/);
  expect(() => openSharedMemory('mp-test', { truncate: true, readOnly: true })).toThrow(/flags\.truncate/);
});

test('a label that is too long or has a NUL is refused', () => {
  expect(() => createMemory(1, 'x'.repeat(250))).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  expect(() => createMemory(1, 'a\0')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  expect(targetOf(closedAfterTest(createMemory(1, 'x'.repeat(249))))).toContain('x'.repeat(249));
});
