import { readlinkSync } from 'node:fs';
import { inspect } from 'node:util';
import { ClosedError } from '@mp/errors';
import { expect, test } from 'vitest';
import { checkConnectionLeaks, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

test('a connection is open until it is closed, and its other end is not closed with it', () => {
  const [a, b] = testPipe();
  expect([a.closed, b.closed]).toEqual([false, false]);
  a.close();
  expect([a.closed, b.closed]).toEqual([true, false]);
});

test('the directions of a connection stay known when it is closed', () => {
  const [reader, writer] = testPipe(false);
  reader.close();
  writer.close();
  expect([reader.readable, reader.writable, writer.readable, writer.writable]).toEqual([true, false, false, true]);
});

test('fileno names an open socket, another one for each end', () => {
  const [a, b] = testPipe();
  expect(readlinkSync(`/proc/self/fd/${a.fileno()}`)).toMatch(/^socket:/);
  expect(readlinkSync(`/proc/self/fd/${b.fileno()}`)).toMatch(/^socket:/);
  expect(a.fileno()).not.toBe(b.fileno());
});

test('a closed connection has no fileno', () => {
  const [a] = testPipe();
  a.close();
  expect(() => a.fileno()).toThrow(ClosedError);
});

test('a connection prints what it is, also when it is closed', () => {
  const [reader, writer] = testPipe(false);
  const [twoWay] = testPipe();
  expect(inspect(reader)).toBe(`<Connection fd=${reader.fileno()} readable>`);
  expect(inspect(writer)).toBe(`<Connection fd=${writer.fileno()} writable>`);
  expect(inspect(twoWay)).toBe(`<Connection fd=${twoWay.fileno()} readable writable>`);
  reader.close();
  expect(inspect(reader)).toBe('<Connection closed>');
});

test('the attributes cannot be changed', () => {
  const [a] = testPipe(false);
  for (const name of ['readable', 'writable', 'closed'] as const) {
    expect(() => Object.assign(a, { [name]: true })).toThrow(TypeError);
  }
  expect(a.writable).toBe(false);
});
