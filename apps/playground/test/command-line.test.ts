import { expect, test } from 'vitest';
import { parseCommandLine, USAGE } from '../src/command-line.ts';
import { JobError, wholeNumber } from '../src/job.ts';
import { JOBS } from '../src/jobs.ts';
import { checkNothingLeft } from './nothing-left.ts';
import { TemporaryFolder } from './temporary-folder.ts';

checkNothingLeft();

test.each<[args: string[], why: string]>([
  [['--lost'], "Unknown option '--lost'"],
  [['--list', '7'], '--list takes no names'],
  [['count', 'a', 'b'], 'What is meant by b?'],
  [['count', 'a', '--list'], "Unknown option '--list'"],
  [['hash'], 'hash needs a folder'],
  [['hash', 'a', '--workers', '0'], '--workers is to be a whole number from 1 to 256, not 0'],
  [['primes', 'many'], 'The limit is to be a whole number from 0 to 10,000,000,000, not many'],
  [['primes', '1e11'], 'not 1e11'],
  [['mandelbrot', '--size', '100'], '--size is to be width and height, such as 1600x1200, not 100'],
  [['mandelbrot', '--size', '0x10'], 'The width is to be a whole number from 1 to 32,768, not 0'],
  [['mandelbrot', '--iterations', '-1'], "'--iterations' argument is ambiguous"],
  [['mandelbrot', '--iterations=1.5'], 'not 1.5'],
])('what makes no sense is refused in words: %j', (args, why) => {
  expect(() => parseCommandLine(args)).toThrow(TypeError);
  expect(() => parseCommandLine(args)).toThrow(why);
});

test('numbers may be written as people write them', () => {
  for (const [text, value] of [
    ['7', 7],
    ['1_000', 1000],
    ['1e3', 1000],
    ['1E3', 1000],
    ['0', 0],
  ] as const) {
    expect(wholeNumber('it', text, 0, 1000)).toBe(value);
  }
  for (const text of ['', '1001', '0x10', '1,000', ' 1', '1e-1', '٣']) {
    expect(() => wholeNumber('it', text, 0, 1000)).toThrow(TypeError);
  }
});

test('the help names every job, and its lines fit into a terminal', () => {
  for (const { name, usage, shows } of JOBS)
    expect(USAGE).toContain(`npm start -- ${name} ${usage} [--workers N]\n      ${shows}`);
  for (const line of USAGE.split('\n')) expect(line.length, line).toBeLessThanOrEqual(110);
});

test('a job that cannot be done says why, before anything is done', async () => {
  const folder = new TemporaryFolder({ file: 'x' });
  const run = (...args: readonly string[]): Promise<boolean> => {
    const command = parseCommandLine(args);
    if (command.type !== 'job') throw new Error(`${args[0]} is no job`);
    return command.work();
  };
  const cases: [args: string[], why: string][] = [
    [['mandelbrot', folder.at('no/a.png')], 'cannot be written: ENOENT'],
    [['mandelbrot', folder.path], 'cannot be written: it is a folder'],
    [['mandelbrot', folder.at('file/a.png')], 'cannot be written: ENOTDIR'],
    [['hash', folder.at('no')], 'cannot be read: ENOENT'],
    [['hash', folder.at('file')], 'cannot be read: ENOTDIR'],
    [['count', folder.at('no')], 'cannot be read: ENOENT'],
  ];
  for (const [args, why] of cases) {
    const error = await run(...args).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(JobError);
    expect((error as Error).message).toBe(`${args[1]} ${why}`);
  }
});
