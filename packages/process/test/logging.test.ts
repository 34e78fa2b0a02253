import { currentProcess, getLogger, type LogRecord, logToStderr } from '@mp/process';
import { checkLeaks, nodeChild } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startMethods } from './start-methods.ts';

checkLeaks();

const program = new URL('./fixtures/programs/logging.ts', import.meta.url);

describe.each(startMethods)('a child by %s', (method) => {
  test('logs as its parent does, with its own name', async () => {
    const { stderr, stdout, code } = await nodeChild(program, { args: [method, 'INFO'] });
    expect(stderr.split('\n')).toEqual([
      '[INFO/Bob] child process calling self.run()',
      '[INFO/Bob] from the child { x: 1 }',
      '[INFO/Bob] process exiting with exitcode 0',
      '[WARNING/MainProcess] from the parent',
      '',
    ]);
    expect([stdout, code]).toEqual(['', 0]);
  });

  test('has the level of its parent', async () => {
    const { stderr } = await nodeChild(program, { args: [method, 'WARNING'] });
    expect(stderr).toBe('[WARNING/MainProcess] from the parent\n');
    const { stderr: everything } = await nodeChild(program, { args: [method, 'NOTSET'] });
    expect(everything).toContain('[DEBUG/Bob] more from the child\n');
  });
});

test.each(startMethods)('the stages of a start by %s are told in their order', async (method) => {
  const { stderr } = await nodeChild(program, { args: [method, 'DEBUG'] });
  const stages = stderr.split('\n').filter((line) => /Bob: |calling self.run|exiting/.test(line));
  const sent = ['[DEBUG/MainProcess] Bob: preparation data sent', '[DEBUG/MainProcess] Bob: process object sent'];
  expect(stages.map((line) => line.replace(/pid \d+/, 'pid'))).toEqual(
    expect.arrayContaining([
      ...(method === 'fork' ? [] : sent),
      '[DEBUG/MainProcess] Bob: started, pid',
      '[INFO/Bob] child process calling self.run()',
      '[INFO/Bob] process exiting with exitcode 0',
      '[DEBUG/MainProcess] Bob: ended with exit code 0',
    ]),
  );
  expect(stages.slice(0, 2).every((line) => sent.includes(line))).toBe(method !== 'fork');
  expect(stages.at(-1)).toBe('[DEBUG/MainProcess] Bob: ended with exit code 0');
});

test('the logger is one, tells its handlers, and says nothing without one', () => {
  const logger = getLogger();
  expect(getLogger()).toBe(logger);
  const records: LogRecord[] = [];
  const handler = (record: LogRecord): void => void records.push(record);
  logger.error('nobody hears it');
  logger.addHandler(handler);
  onTestFinished(() => {
    logger.removeHandler(handler);
    logger.setLevel('NOTSET');
  });
  logger.setLevel('SUBWARNING');
  logger.info('too low');
  logger.subWarning('loud enough');
  logger.log(33, 'by number');
  logger.removeHandler(handler);
  logger.error('nobody hears it');
  expect(records.map(({ levelName, level, message }) => [levelName, level, message])).toEqual([
    ['SUBWARNING', 25, 'loud enough'],
    ['Level 33', 33, 'by number'],
  ]);
  expect(records[0]).toMatchObject({ processName: currentProcess().name, time: expect.any(Number) });
});

test('a level that does not exist is refused', () => {
  expect(() => getLogger().setLevel('LOUD' as never)).toThrow(/no log level 'LOUD'.*SUBDEBUG/);
  expect(() => logToStderr(Number.NaN)).toThrow(TypeError);
  getLogger().handlers.length = 0;
});
