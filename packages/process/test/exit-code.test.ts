// @module-tag every-node
import { constants } from 'node:os';
import { Pipe } from '@mp/connection';
import { getContext } from '@mp/context';
import { Process } from '@mp/process';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import * as endings from './fixtures/endings.ts';
import { quiet } from './fixtures/quiet.ts';
import { idle } from './fixtures/waiting.ts';
import { ended, endWithTest } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

const { SIGTERM, SIGKILL, SIGSEGV, SIGINT, SIGABRT, SIGUSR2, SIGHUP } = constants.signals;

const table: readonly (readonly [title: string, target: (...args: never[]) => unknown, args: unknown[], number])[] = [
  ['a target that returns', endings.returns, [], 0],
  ['a target whose promise resolves', endings.returnsLater, [], 0],
  ['process.exit()', endings.exits, [], 0],
  ['process.exit(0)', endings.exits, [0], 0],
  ['process.exit(7)', endings.exits, [7], 7],
  ['process.exit(259), of which the system keeps 8 bits', endings.exits, [256 + 3], 3],
  ['process.exit(-1), of which the system keeps 8 bits', endings.exits, [-1], 255],
  ['process.exit after an await', endings.exitsLater, [7], 7],
  ['process.exitCode', endings.setsExitCode, [9], 9],
  ['process.exitCode that is set after the target has returned', endings.leavesTimer, [4], 4],
  ['process.exitCode that an exit handler sets', endings.setsExitCodeAtExit, [6], 6],
  ['process.exitCode that an exit handler of the last moment sets', endings.setsExitCodeAtTheVeryEnd, [6], 6],
  ['an error', endings.throws, [], 1],
  ['a rejection', endings.rejects, [], 1],
  ['an error, whatever process.exitCode says', endings.throwsWithExitCode, [5], 1],
  ['an error in a timer', endings.throwsInTimer, [], 1],
  ['a rejection that nobody handles', endings.rejectsElsewhere, [], 1],
  ['an error in an exit handler', endings.throwsInExitHandler, [], 1],
  ['an error that a handler of the target takes care of', endings.handlesUncaught, [], 5],
  ['SIGTERM', endings.killsItself, ['SIGTERM'], -SIGTERM],
  ['SIGKILL', endings.killsItself, ['SIGKILL'], -SIGKILL],
  ['SIGSEGV', endings.killsItself, ['SIGSEGV'], -SIGSEGV],
  ['SIGINT', endings.killsItself, ['SIGINT'], -SIGINT],
  ['SIGHUP', endings.killsItself, ['SIGHUP'], -SIGHUP],
  ['process.abort()', endings.aborts, [], -SIGABRT],
];

describe.each(startMethods)('exit codes by %s', (method) => {
  test('are null before the start and while the process runs', async () => {
    const [ours, theirs] = Pipe();
    const child = new Process({ target: idle, args: [theirs], context: getContext(method) });
    expect(child.exitCode).toBeNull();
    await child.start();
    endWithTest(child);
    theirs.close();
    expect(child.exitCode).toBeNull();
    await ours.recv();
    expect(child.exitCode).toBeNull();
    ours.close();
    await child.join();
    expect(child.exitCode).toBe(0);
  });

  test('are 0 without a target', async () => {
    expect((await ended(method, {})).exitCode).toBe(0);
  });

  test.each(table)('%s', async (_, target, args, exitCode) => {
    expect((await ended(method, { target: quiet, args: [target, args] })).exitCode).toBe(exitCode);
  });

  test('tell of a signal that has no name', async () => {
    expect((await ended(method, { target: endings.killsItself, args: [40] })).exitCode).toBe(-40);
  });

  test('are the same for who blocks the thread', async () => {
    const rows = table.filter(([title]) => ['process.exit(7)', 'an error', 'SIGKILL'].includes(title));
    const children = rows.map(
      ([, target, args]) => new Process({ target: quiet, args: [target, args], context: getContext(method) }),
    );
    for (const child of children) {
      await child.start();
      endWithTest(child);
    }
    expect(children.map((child) => child.joinSync())).toEqual([true, true, true]);
    const exitCodes = [7, 1, -SIGKILL];
    expect(children.map((child) => child.exitCode)).toEqual(exitCodes);
    // The event loop hears of it later, and it is the same then.
    await Promise.all(children.map((child) => child.join()));
    await new Promise(setImmediate);
    expect(children.map((child) => child.exitCode)).toEqual(exitCodes);
  });

  test('show the name of the signal', async () => {
    const child = await ended(method, { target: endings.killsItself, args: ['SIGUSR2'], name: 'Bob' });
    expect(child.exitCode).toBe(-SIGUSR2);
    expect(`${child}`).toMatch(/^<Process name='Bob' pid=\d+ parent=\d+ stopped exitcode=-SIGUSR2>$/);
    expect(`${await ended(method, { target: endings.exits, args: [3] })}`).toMatch(/stopped exitcode=3>$/);
  });
});
