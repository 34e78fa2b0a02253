import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AbortError, TimeoutError } from '@mp/errors';
import { checkLeaks, until } from '@mp/testing';
import { expect, test } from 'vitest';
import { Compiler } from '../src/compiler.ts';
import { ParticipantLostError, ProtocolError } from '../src/errors.ts';
import { type Command, Participant } from '../src/participant.ts';
import { newestPython } from '../src/python.ts';

checkLeaks();

const PATIENT = { timeout: 50_000 };

/** A program of Node: `respond` is called with each command. */
const program = (respond: string, first = 'say({ ready: true })'): Command => ({
  name: 'somebody',
  file: process.execPath,
  args: [
    '--eval',
    `const say = (answer) => process.stdout.write(JSON.stringify(answer) + '\\n');
     require('node:readline').createInterface({ input: process.stdin }).on('line', ${respond});
     ${first};`,
  ],
});

const HONEST = `(command) => say(command === 'warm' ? { ready: true } : { report: { seconds: 0.5, sum: 3 } })`;
const SILENT = '() => {}';

test('a program warms up, reports round after round, and ends when it is told to', async () => {
  const participant = await Participant.start(program(HONEST), PATIENT);
  await participant.warm(PATIENT);
  expect(await participant.round(PATIENT)).toEqual({ seconds: 0.5, sum: 3 });
  expect(await participant.round(PATIENT)).toEqual({ seconds: 0.5, sum: 3 });
  await participant[Symbol.asyncDispose]();
});

test('a program that ends instead of answering is an error with its exit code and its last words', async () => {
  const participant = await Participant.start(program(`() => { throw new Error('the reason') }`), PATIENT);
  const round = participant.round(PATIENT);
  await expect(round).rejects.toThrow(ParticipantLostError);
  await expect(round).rejects.toMatchObject({ exitCode: 1, signal: null });
  await expect(round).rejects.toThrow(/^somebody ended with exit code 1\.[\s\S]*the reason/);
  await expect(participant.round(PATIENT)).rejects.toThrow(ParticipantLostError);
  await expect(participant[Symbol.asyncDispose]()).rejects.toThrow(ParticipantLostError);
});

test('a program that is killed is an error with the signal', async () => {
  const participant = await Participant.start(program(`() => process.kill(process.pid, 'SIGKILL')`), PATIENT);
  await expect(participant.round(PATIENT)).rejects.toMatchObject({ exitCode: null, signal: 'SIGKILL' });
});

test('a program that cannot be started is an error that names it', async () => {
  const start = Participant.start({ name: 'nobody', file: '/nowhere/node', args: [] }, PATIENT);
  await expect(start).rejects.toThrow('nobody: /nowhere/node could not be started.');
});

test('a program that is never ready is killed when the time is over', async () => {
  const start = Participant.start(program(SILENT, '0'), { timeout: 10 });
  await expect(start).rejects.toThrow(TimeoutError);
});

test('a round that takes too long is given up, and the program can be killed', async () => {
  const participant = await Participant.start(program(SILENT), PATIENT);
  await expect(participant.round({ timeout: 10 })).rejects.toThrow('somebody took longer than 10 ms for a round');
  await participant.kill();
});

test('a wait is ended by its signal, before it began or while it goes on', async () => {
  const participant = await Participant.start(program(SILENT), PATIENT);
  const controller = new AbortController();
  const round = participant.round({ ...PATIENT, signal: controller.signal });
  controller.abort('Ctrl-C');
  await expect(round).rejects.toThrow(AbortError);
  await expect(round).rejects.toMatchObject({ cause: 'Ctrl-C' });
  await expect(participant.round({ ...PATIENT, signal: controller.signal })).rejects.toThrow(AbortError);
  await participant.kill();
});

test.each([
  ['no JSON', `() => console.log('half done')`],
  ['no answer', '() => say([])'],
  ['a figure that is no number', `() => say({ report: { seconds: '0.5' } })`],
  ['a figure that is not finite', '() => say({ report: { seconds: 0 / 0 } })'],
])('what a program prints that is %s is shown, and not taken for a report', async (_, respond) => {
  const participant = await Participant.start(program(respond), PATIENT);
  await expect(participant.round(PATIENT)).rejects.toThrow(ProtocolError);
  await participant.kill();
});

test('what a program has started and forgotten ends with it', async () => {
  const forget = `() => {
    const child = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'ignore' });
    child.unref();
    say({ report: { pid: child.pid } });
  }`;
  const participant = await Participant.start(program(forget), PATIENT);
  const { pid } = await participant.round(PATIENT);
  expect(isRunning(pid!)).toBe(true);
  await participant[Symbol.asyncDispose]();
  await until(() => !isRunning(pid!));
  expect(isRunning(pid!)).toBe(false);
});

test.each([
  ['socket-pair.c', ['20']],
  ['futex.c', ['20']],
  ['memcpy.c', ['20', '4096']],
])('the limit %s compiles, and speaks as the participants do', async (source, args) => {
  const compiler = new Compiler();
  try {
    const file = await compiler.compile(fileURLToPath(new URL(`../src/limits/${source}`, import.meta.url)));
    const participant = await Participant.start({ name: source, file, args }, PATIENT);
    await participant.warm(PATIENT);
    const { seconds, operations } = await participant.round(PATIENT);
    expect(operations).toBe(20);
    expect(seconds).toBeGreaterThan(0);
    await participant[Symbol.asyncDispose]();
  } finally {
    compiler[Symbol.dispose]();
  }
});

const python = await newestPython();

const cpython = (row: string, sizes: object): Command => ({
  name: 'cpython',
  file: python!.executable,
  args: [fileURLToPath(new URL(`../src/rows/${row}/child-cpython.py`, import.meta.url)), JSON.stringify(sizes)],
  env: { PYTHONPATH: fileURLToPath(new URL('../src/python/', import.meta.url)), PYTHONDONTWRITEBYTECODE: '1' },
});

test('a program in Python speaks as the participants do', async () => {
  const participant = await Participant.start(cpython('pipe.roundtrip', { messages: 5 }), PATIENT);
  await participant.warm(PATIENT);
  expect(await participant.round(PATIENT)).toMatchObject({ operations: 5, sum: 10 + 5 * 40 });
  await participant[Symbol.asyncDispose]();
});

test('a CPython that is killed leaves no process, and none of its semaphores in /dev/shm', async () => {
  const before = readdirSync('/dev/shm');
  const participant = await Participant.start(cpython('pool.apply', { calls: 5, workers: 2 }), PATIENT);
  await participant.warm(PATIENT);
  expect(readdirSync('/dev/shm').filter((name) => !before.includes(name) && name.startsWith('sem.mp-'))).not.toEqual(
    [],
  );
  await participant.kill();
  expect(readdirSync('/dev/shm').filter((name) => !before.includes(name) && name.startsWith('sem.mp-'))).toEqual([]);
});

/** Whether it has not ended: what nobody has reaped yet runs no more. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
