import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import {
  acceptSocket,
  bindSocket,
  checkSocketError,
  closeDescriptor,
  connectSocket,
  describeAddress,
  getSocketOption,
  listenSocket,
  openSocket,
  pollTwoSync,
  READABLE,
  receiveBytes,
  resolveHost,
  sendBytes,
  setSocketOption,
  socketAddress,
  WRITABLE,
} from '../src/index.ts';
import { closedAfterTest, isCloseOnExec } from './descriptors.ts';

checkLeaks();

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const NOTHING = new Uint8Array(0);
const LOOPBACK4 = resolveHost('127.0.0.1', 0, AF_INET, true)[0] as Uint8Array;
const LOOPBACK6 = resolveHost('::1', 0, AF_INET6, true)[0] as Uint8Array;
/** Let the kernel find a name. */
const UNIX = Uint8Array.of(AF_UNIX, 0);

function listen(family: number, address: Uint8Array, backlog = 5): number {
  const listener = closedAfterTest(openSocket(family));
  bindSocket(listener, address);
  listenSocket(listener, backlog);
  return listener;
}

function connectTo(listener: number, family: number): number {
  const client = closedAfterTest(openSocket(family));
  const state = connectSocket(client, socketAddress(listener, false));
  if (state === 'in progress') expect(pollTwoSync(client, WRITABLE, -1, 0, 50_000)).toBe(WRITABLE);
  else expect(state).toBe('connected');
  checkSocketError(client, 'connect');
  return client;
}

function accept(listener: number): number {
  pollTwoSync(listener, READABLE, -1, 0, 50_000);
  return closedAfterTest(acceptSocket(listener) as number);
}

function connectedPair(): [client: number, server: number] {
  const listener = listen(AF_UNIX, UNIX);
  return [connectTo(listener, AF_UNIX), accept(listener)];
}

const send = (fd: number, text: string): number => sendBytes(fd, Buffer.from(text), 0, text.length, NOTHING, 0, 0);

function receive(fd: number): string {
  const room = Buffer.alloc(100);
  return room.toString('latin1', 0, receiveBytes(fd, room, 0, room.length));
}

test.each([
  ['IPv4', AF_INET, LOOPBACK4],
  ['IPv6', AF_INET6, LOOPBACK6],
  ['unix sockets', AF_UNIX, UNIX],
] as const)('bytes go both ways over %s', (_, family, address) => {
  const listener = listen(family, address);
  expect(acceptSocket(listener)).toBeUndefined();
  const client = connectTo(listener, family);
  const server = accept(listener);
  expect([listener, client, server].map(isCloseOnExec)).toEqual([true, true, true]);
  expect(socketAddress(client, true)).toEqual(socketAddress(listener, false));
  expect(socketAddress(server, true)).toEqual(socketAddress(client, false));
  expect(send(client, 'hello')).toBe(5);
  pollTwoSync(server, READABLE, -1, 0, 50_000);
  expect(receive(server)).toBe('hello');
  expect(sendBytes(server, Buffer.from('xabx'), 1, 3, Buffer.from('xxcd'), 2, 4)).toBe(4);
  pollTwoSync(client, READABLE, -1, 0, 50_000);
  expect(receive(client)).toBe('abcd');
});

test('nothing there is -1, the end is 0, and a full socket is -1', () => {
  const [client, server] = connectedPair();
  const room = new Uint8Array(1 << 20);
  expect(receiveBytes(server, room, 0, 10)).toBe(-1);
  let sent = 0;
  for (let n = 0; n !== -1; sent += n) {
    n = sendBytes(client, room, 0, room.length, room, 0, room.length);
    if (n === -1) break;
  }
  expect(sent).toBeGreaterThan(0);
  expect(sendBytes(client, room, 0, 1, NOTHING, 0, 0)).toBe(-1);
  closeDescriptor(client);
  for (let n = 1; n > 0; sent -= n) n = receiveBytes(server, room, 0, room.length);
  expect(sent).toBe(0);
  expect(receiveBytes(server, room, 0, 10)).toBe(0);
});

test('bytes land where they were asked to, and nowhere else', () => {
  const [client, server] = connectedPair();
  send(client, 'abcdef');
  const room = Buffer.from('..........');
  expect(receiveBytes(server, room, 3, 6)).toBe(3);
  expect(room.toString()).toBe('...abc....');
});

test('writing to who is gone is EPIPE and no signal', () => {
  const [client, server] = connectedPair();
  closeDescriptor(server);
  expect(() => send(client, 'x')).toThrow(expect.objectContaining({ code: 'EPIPE', syscall: 'send' }));
});

test('who connects where nobody listens is refused', () => {
  const listener = listen(AF_INET, LOOPBACK4);
  const address = socketAddress(listener, false);
  closeDescriptor(listener);
  const client = closedAfterTest(openSocket(AF_INET));
  expect(() => {
    connectSocket(client, address);
    pollTwoSync(client, WRITABLE, -1, 0, 50_000);
    checkSocketError(client, 'connect');
  }).toThrow(expect.objectContaining({ code: 'ECONNREFUSED', syscall: 'connect' }));
});

test('the full line of a unix listener asks to try again', () => {
  const listener = listen(AF_UNIX, UNIX, 0);
  const states: string[] = [];
  for (let i = 0; i < 5 && states.at(-1) !== 'again'; i++) {
    states.push(connectSocket(closedAfterTest(openSocket(AF_UNIX)), socketAddress(listener, false)));
  }
  expect(states).toEqual(['connected', 'again']);
});

test('options are set and read', () => {
  const socket = closedAfterTest(openSocket(AF_INET));
  setSocketOption(socket, 1, 9, 1);
  expect(getSocketOption(socket, 1, 9)).toBe(1);
  expect(() => setSocketOption(socket, 1, 9999, 1)).toThrow(expect.objectContaining({ code: 'ENOPROTOOPT' }));
});

test('an address that is in use says so', () => {
  const listener = listen(AF_INET, LOOPBACK4);
  const second = closedAfterTest(openSocket(AF_INET));
  expect(() => bindSocket(second, socketAddress(listener, false))).toThrow(
    expect.objectContaining({ code: 'EADDRINUSE', syscall: 'bind' }),
  );
});

test('room for nothing is refused, for it would look like the end', () => {
  const [client] = connectedPair();
  expect(() => receiveBytes(client, new Uint8Array(4), 2, 2)).toThrow(/"bytes"/);
});

test.each([
  ['127.0.0.1', AF_INET],
  ['0.0.0.0', AF_INET],
  ['::1', AF_INET6],
  ['2001:db8::ff', AF_INET6],
] as const)('%s becomes an address and the same text again', (host, family) => {
  const addresses = resolveHost(host, 65_535, 0, true);
  expect(addresses.map((address) => address[0])).toEqual([family]);
  expect(describeAddress(addresses[0] as Uint8Array)).toEqual({ host, port: 65_535 });
});

test('names are resolved, unless only numbers are wanted', () => {
  expect(describeAddress(resolveHost('localhost', 1, AF_INET, false)[0] as Uint8Array).host).toBe('127.0.0.1');
  expect(describeAddress(resolveHost('', 1, AF_INET, false)[0] as Uint8Array).host).toBe('0.0.0.0');
  expect(() => resolveHost('localhost', 1, 0, true)).toThrow(expect.objectContaining({ code: 'ENOTFOUND' }));
  expect(() => resolveHost('no such name', 1, 0, false)).toThrow(/getaddrinfo (ENOTFOUND|EAI_AGAIN) no such name/);
});

test('an address of a unix socket has neither host nor port', () => {
  expect(() => describeAddress(UNIX)).toThrow(/"address"/);
});
