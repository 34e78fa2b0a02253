import { checkLeaks, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';
import {
  closeDescriptor,
  createDoorbell,
  createMemory,
  descriptorSize,
  duplicateDescriptor,
  openProcess,
  openSharedMemory,
  setCloseOnExec,
  socketPair,
  unlinkSharedMemory,
} from '../src/index.ts';
import { closedAfterTest, isCloseOnExec, targetOf } from './descriptors.ts';

checkLeaks();

test('a closed descriptor is gone, and closing it again is an EBADF that names it', () => {
  const fd = createDoorbell();
  closeDescriptor(fd);
  expect(targetOf(fd)).toBeUndefined();
  expect(() => closeDescriptor(fd)).toThrow(
    expect.objectContaining({
      message: `EBADF: bad file descriptor, close fd ${fd}`,
      code: 'EBADF',
      errno: -9,
      syscall: 'close',
      fd,
    }),
  );
});

test('a duplicate refers to the same open file and outlives the original', () => {
  const fd = createMemory(123);
  const copy = closedAfterTest(duplicateDescriptor(fd));
  expect(copy).not.toBe(fd);
  closeDescriptor(fd);
  expect(descriptorSize(copy)).toBe(123);
  expect(() => duplicateDescriptor(fd)).toThrow(expect.objectContaining({ code: 'EBADF', fd }));
});

test('the size is that of the memory, and 0 for what has none', () => {
  const fd = closedAfterTest(createMemory(2 ** 40));
  expect(descriptorSize(fd)).toBe(2 ** 40);
  expect(descriptorSize(closedAfterTest(createDoorbell()))).toBe(0);
});

test('everything that is opened is close-on-exec', () => {
  const name = `/mp-test-${process.pid}`;
  const shared = closedAfterTest(openSharedMemory(name, { create: true, exclusive: true }));
  unlinkSharedMemory(name);
  const memory = closedAfterTest(createMemory(1));
  const fds = [
    memory,
    shared,
    createDoorbell(),
    ...socketPair(),
    openProcess(process.pid),
    duplicateDescriptor(memory),
  ];
  for (const fd of fds) {
    closedAfterTest(fd);
    expect({ fd, closeOnExec: isCloseOnExec(fd) }).toEqual({ fd, closeOnExec: true });
  }
});

test('setCloseOnExec switches it off and on', () => {
  const fd = closedAfterTest(createDoorbell());
  setCloseOnExec(fd, false);
  expect(isCloseOnExec(fd)).toBe(false);
  setCloseOnExec(fd, true);
  expect(isCloseOnExec(fd)).toBe(true);
});

test('a child process gets the descriptors that are passed, and no other', async () => {
  const passed = closedAfterTest(createMemory(1, 'mp-passed'));
  closedAfterTest(createMemory(1, 'mp-kept'));
  const kept = [createDoorbell(), ...socketPair()].map(closedAfterTest);
  const sockets = kept.slice(1).map((fd) => targetOf(fd));
  const code = `
    import { readdirSync, readlinkSync } from 'node:fs';
    for (const fd of readdirSync('/proc/self/fd')) {
      try { console.log(readlinkSync('/proc/self/fd/' + fd)); } catch {}
    }`;
  const { stdout } = await nodeChild({ code }, { descriptors: [passed] });
  expect(stdout).toContain('/memfd:mp-passed');
  expect(stdout).not.toContain('/memfd:mp-kept');
  for (const socket of sockets) expect(stdout).not.toContain(socket);
});

test('no descriptor of the package reaches a program that inherits everything', async () => {
  // `exec` of a shell keeps whatever is not close-on-exec: what a careless grandchild would see.
  const program = `
    import { spawnSync } from 'node:child_process';
    import * as native from '../src/index.ts';
    const fd = native.createMemory(1, 'mp-secret');
    native.openProcess(process.pid);
    native.createDoorbell();
    const [a, b] = native.socketPair();
    native.sendDescriptors(a, 0, [fd]);
    native.receiveDescriptors(b);
    const { stdout } = spawnSync('/bin/ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
    console.log(stdout);`;
  const { stdout, stderr } = await nodeChild({ code: program });
  expect(stderr).toBe('');
  expect(stdout).toContain('/proc/');
  expect(stdout).not.toMatch(/ (?:[3-9]|\d\d+) -> (?:\/memfd|anon_inode|socket|pidfd)/);
});
