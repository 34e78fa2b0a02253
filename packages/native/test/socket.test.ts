import { readdirSync } from 'node:fs';
import { checkLeaks, nodeChild, startNode, until } from '@mp/testing';
import { expect, test } from 'vitest';
import {
  closeDescriptor,
  createDoorbell,
  createMemory,
  duplicateDescriptor,
  isHungUp,
  mapMemory,
  peekTag,
  receiveDescriptors,
  sendDescriptors,
  unmapMemory,
} from '../src/index.ts';
import { closedAfterTest, isCloseOnExec, targetOf, testSocketPair, testWords } from './descriptors.ts';

checkLeaks();

/** Receives a packet that has to be there. */
function receive(socket: number): { tag: number; descriptors: number[] } {
  const packet = receiveDescriptors(socket);
  if (typeof packet === 'string') throw new Error(`Nothing to receive: ${packet}`);
  packet.descriptors.forEach(closedAfterTest);
  return packet;
}

test('descriptors arrive as new ones for the same files, with their tag, in order', () => {
  const [a, b] = testSocketPair();
  const memory = closedAfterTest(createMemory(77));
  const bell = closedAfterTest(createDoorbell());
  expect(sendDescriptors(a, 0, [])).toBe(true);
  expect(sendDescriptors(a, Number.MAX_SAFE_INTEGER, [memory, bell])).toBe(true);
  expect(receive(b)).toEqual({ tag: 0, descriptors: [] });
  const { tag, descriptors } = receive(b);
  expect(tag).toBe(Number.MAX_SAFE_INTEGER);
  expect(descriptors.map((fd) => targetOf(fd))).toEqual([targetOf(memory), targetOf(bell)]);
  expect(descriptors).not.toContain(memory);
  expect(descriptors.map(isCloseOnExec)).toEqual([true, true]);
  expect(receiveDescriptors(b)).toBe('empty');
});

test('the tag of the next packet can be known without taking the packet, and makes no descriptor', () => {
  const [a, b] = testSocketPair();
  expect(peekTag(b)).toBe('empty');
  const memory = closedAfterTest(createMemory(1));
  sendDescriptors(a, 2 ** 40 + 7, [memory, memory]);
  sendDescriptors(a, 8, []);
  const before = readdirSync('/proc/self/fd').length;
  expect([peekTag(b), peekTag(b)]).toEqual([2 ** 40 + 7, 2 ** 40 + 7]);
  expect(readdirSync('/proc/self/fd').length).toBe(before);
  expect(receive(b).descriptors.length).toBe(2);
  expect(peekTag(b)).toBe(8);
  closeDescriptor(a);
  expect(receive(b).tag).toBe(8);
  expect(peekTag(b)).toBe('closed');
});

test('253 descriptors fit, and not one more', () => {
  const [a, b] = testSocketPair();
  const memory = closedAfterTest(createMemory(1));
  expect(sendDescriptors(a, 1, Array(253).fill(memory))).toBe(true);
  expect(receive(b).descriptors.length).toBe(253);
  expect(() => sendDescriptors(a, 1, Array(254).fill(memory))).toThrow(
    expect.objectContaining({ code: 'ERR_OUT_OF_RANGE', message: expect.stringContaining('descriptors.length') }),
  );
});

test('memory travels to another process and back', async () => {
  const [a, b] = testSocketPair();
  const { fd, words } = testWords();
  sendDescriptors(a, 9, [fd]);
  const code = `
    import { createMemory, mapMemory, receiveDescriptors, sendDescriptors } from '../src/index.ts';
    const { tag, descriptors: [fd] } = receiveDescriptors(3);
    new Int32Array(mapMemory(fd, 4096))[0] = tag;
    const own = createMemory(4096);
    new Int32Array(mapMemory(own, 4096))[0] = 123;
    sendDescriptors(3, 10, [own]);`;
  expect(await nodeChild({ code }, { descriptors: [b] })).toMatchObject({ stderr: '', code: 0 });
  expect(words[0]).toBe(9);
  const { tag, descriptors } = receive(a);
  expect(tag).toBe(10);
  const theirs = mapMemory(descriptors[0] as number, 4096);
  expect(new Int32Array(theirs)[0]).toBe(123);
  unmapMemory(theirs);
});

test('a full queue says so, loses nothing, and takes more when it was read', () => {
  const [a, b] = testSocketPair();
  let sent = 0;
  while (sendDescriptors(a, sent, [])) sent++;
  expect(sent).toBeGreaterThan(0);
  expect(receive(b).tag).toBe(0);
  expect(sendDescriptors(a, sent++, [])).toBe(true);
  const tags = Array.from({ length: sent - 1 }, () => receive(b).tag);
  expect(tags).toEqual(Array.from({ length: sent - 1 }, (_, i) => i + 1));
  expect(receiveDescriptors(b)).toBe('empty');
});

test('a closed end is seen at the other, which still receives what was sent before', () => {
  const [a, b] = testSocketPair();
  sendDescriptors(a, 5, []);
  expect(isHungUp(b)).toBe(false);
  closeDescriptor(a);
  expect(isHungUp(b)).toBe(true);
  expect(receive(b).tag).toBe(5);
  expect(receiveDescriptors(b)).toBe('closed');
  expect(receiveDescriptors(b)).toBe('closed');
  expect(() => sendDescriptors(b, 0, [])).toThrow(expect.objectContaining({ code: 'EPIPE', fd: b }));
});

test('a peer that died with unread packets is no hindrance to what it had sent', () => {
  const [a, b] = testSocketPair();
  sendDescriptors(b, 1, []);
  sendDescriptors(a, 2, []);
  sendDescriptors(a, 3, []);
  closeDescriptor(a);
  expect(isHungUp(b)).toBe(true);
  expect(receive(b).tag).toBe(2);
  expect(receive(b).tag).toBe(3);
  expect(receiveDescriptors(b)).toBe('closed');
});

test('sending to a peer that died with unread packets is an error', () => {
  const [a, b] = testSocketPair();
  sendDescriptors(b, 1, []);
  closeDescriptor(a);
  expect(() => sendDescriptors(b, 2, [])).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) }),
  );
  expect(() => sendDescriptors(b, 2, [])).toThrow(expect.objectContaining({ code: 'EPIPE' }));
});

test('a killed process hangs up', async () => {
  const [a, b] = testSocketPair();
  const child = startNode({ code: "console.log('ready'); setInterval(() => {}, 1000);" }, { descriptors: [b] });
  await child.says('ready');
  closeDescriptor(b);
  expect(isHungUp(a)).toBe(false);
  child.kill();
  await until(() => isHungUp(a), { what: 'the hang-up' });
  await child.ended;
});

test('a packet that is not one of ours is an error, and what came with it is closed', async () => {
  const [a, b] = testSocketPair();
  // Python sends what our own functions cannot: a packet of the wrong length, with a descriptor.
  const { spawn } = await import('node:child_process');
  const script = `
import socket, os
s = socket.socket(fileno=3)
socket.send_fds(s, [b'12345'], [0])
socket.send_fds(s, [b'1'], [0])`;
  const python = spawn('python3', ['-c', script], { stdio: ['ignore', 'inherit', 'inherit', a] });
  const code = await new Promise((resolve) => python.once('exit', resolve));
  expect(code).toBe(0);
  for (let i = 0; i < 2; i++) {
    expect(() => receiveDescriptors(b)).toThrow(expect.objectContaining({ code: 'EPROTO', syscall: 'recvmsg', fd: b }));
  }
  expect(receiveDescriptors(b)).toBe('empty');
});

test('too many descriptors for this process is an error, and those that came are closed', async () => {
  const code = `
    import { readdirSync } from 'node:fs';
    import * as native from '../src/index.ts';
    const [a, b] = native.socketPair();
    const memory = native.createMemory(1);
    native.sendDescriptors(a, 1, Array(200).fill(memory));
    const open = () => readdirSync('/proc/self/fd').length;
    console.log('starts'); // Opens what the console needs.
    const copies = [];
    try { for (;;) copies.push(native.duplicateDescriptor(memory)); } catch {}
    for (let i = 0; i < 20; i++) native.closeDescriptor(copies.pop());
    const before = open();
    try { native.receiveDescriptors(b); console.log('received'); } catch (error) { console.log(error.code, error.syscall); }
    console.log(open() - before);`;
  const { stdout } = await nodeChild({ code });
  expect(stdout).toBe('starts\nEMFILE recvmsg\n0\n');
});

test('a socket can be sent over itself, and the end of all its copies is the hang-up', () => {
  const [a, b] = testSocketPair();
  sendDescriptors(a, 0, [a]);
  closeDescriptor(a);
  expect(isHungUp(b)).toBe(false); // The copy is under way.
  const [copy] = receive(b).descriptors as [number];
  const another = duplicateDescriptor(copy);
  closeDescriptor(copy);
  expect(isHungUp(b)).toBe(false);
  closeDescriptor(another);
  expect(isHungUp(b)).toBe(true);
});

test('a descriptor that is not open, or is no socket, is an error', () => {
  const [a] = testSocketPair();
  const bell = closedAfterTest(createDoorbell());
  expect(() => sendDescriptors(a, 0, [1_000_000])).toThrow(expect.objectContaining({ code: 'EBADF' }));
  expect(() => sendDescriptors(bell, 0, [])).toThrow(expect.objectContaining({ code: 'ENOTSOCK', fd: bell }));
  expect(() => receiveDescriptors(bell)).toThrow(expect.objectContaining({ code: 'ENOTSOCK', fd: bell }));
  expect(() => isHungUp(1_000_000)).toThrow(expect.objectContaining({ code: 'EBADF', fd: 1_000_000 }));
});
