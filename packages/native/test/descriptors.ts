import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { closeDescriptor, createMemory, mapMemory, socketPair, unmapMemory } from '../src/index.ts';

/** Closes the descriptor at the end of the test, unless it is closed by then. */
export function closedAfterTest(fd: number): number {
  const identity = identityOf(fd);
  onTestFinished(() => {
    if (identityOf(fd) === identity) closeDescriptor(fd);
  });
  return fd;
}

/** What a descriptor refers to, also when its name was removed meanwhile. */
const identityOf = (fd: number): string | undefined => targetOf(fd)?.replace(/ \(deleted\)$/, '');

/** What a descriptor refers to, or undefined when it is not open. */
export function targetOf(fd: number, pid: number | 'self' = 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return undefined;
  }
}

/** What all descriptors of a process refer to. */
export function targetsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => targetOf(Number(fd), pid) ?? []);
}

const O_CLOEXEC = 0o2000000;

export function isCloseOnExec(fd: number): boolean {
  const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
  return (Number.parseInt(flags ?? '', 8) & O_CLOEXEC) !== 0;
}

/** A socket pair of which the test closes what it does not close itself. */
export function testSocketPair(): [number, number] {
  const [a, b] = socketPair();
  return [closedAfterTest(a), closedAfterTest(b)];
}

/** Shared memory for the length of the test: a descriptor, and words over it. */
export function testWords(size = 4096): { fd: number; words: Int32Array<ArrayBuffer> } {
  const fd = closedAfterTest(createMemory(size, 'mp-test'));
  const words = new Int32Array(mapMemory(fd, size));
  onTestFinished(() => {
    if (words.length > 0) unmapMemory(words.buffer);
  });
  return { fd, words };
}
