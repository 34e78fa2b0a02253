import { checkLeaks, nodeChild } from '@mp/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import type * as endings from './fixtures/endings.ts';
import type * as failures from './fixtures/failures.ts';
import type * as printing from './fixtures/printing.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

const program = new URL('./fixtures/programs/run-target.ts', import.meta.url);

type Target = keyof typeof endings | keyof typeof failures | keyof typeof printing;

const named: readonly (readonly [string, Target, RegExp])[] = [
  ['a rejection of the target', 'rejects', /^Process Bob:\nTypeError: rejected by the target\n {4}at rejects/],
  ['an error in a timer', 'throwsInTimer', /^Process Bob:\n.*Error: out of nails\n {4}at/s],
  [
    'a rejection that nobody handles',
    'rejectsElsewhere',
    /^Process Bob:\n.*TypeError: rejected where nobody awaits it\n {4}at rejectsElsewhere/s,
  ],
  ['words that are thrown', 'throwsText', /^Process Bob:\n'?only words'?\n$/],
  ['undefined that is thrown', 'throwsUndefined', /^Process Bob:\nundefined\n$/],
  ['an error that throws when it is shown', 'throwsUnshowable', /^Process Bob:\n.*unshowable/s],
];

const others: readonly Target[] = [
  'throwsCustom',
  'printsMuch',
  'printsMuchAndThrows',
  'throwsWithoutErrorStream',
  'printsWithoutStreams',
  'returns',
  'exits',
];

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

describe.each(startMethods)('by %s', (method) => {
  /** What a program prints whose child, Bob, runs a target. */
  const printed = new Map<Target, Printed>();

  beforeAll(async () => {
    const targets = [...named.map(([, target]) => target), ...others];
    const { stdout, stderr, code } = await nodeChild(program, { args: [method, ...targets] });
    const [outputs, errors] = [stdout.split('\f'), stderr.split('\f')];
    const seen = [code, outputs.length, errors.length];
    expect(seen, stderr.slice(-2000)).toEqual([0, targets.length + 1, targets.length + 1]);
    targets.forEach((target, i) => {
      printed.set(target, { stdout: outputs[i] as string, stderr: errors[i] as string });
    });
  });

  const run = (target: Target): Printed => printed.get(target) as Printed;

  const lines = (text: string): string[] => text.split('\n');

  test('an error that the target throws is printed with the name of the process, its stack, fields and cause', () => {
    const { stdout, stderr } = run('throwsCustom');
    expect(stdout).toBe('Bob ended with 1\n');
    expect(lines(stderr)[0]).toBe('Process Bob:');
    expect(lines(stderr)[1]).toMatch(/^(Order)?Error: out of nails$/);
    expect(lines(stderr)[2]).toMatch(/^ {4}at throwsCustom \(.*failures\.ts:\d+:\d+\)$/);
    expect(stderr).toContain("order: { id: 7, items: Map(1) { 'nails' => 100 } }");
    expect(stderr).toContain('[cause]: RangeError: only 3 left');
  });

  test.each(named)('%s is printed with the name of the process, once', (_, target, text) => {
    const { stdout, stderr } = run(target);
    expect(stderr).toMatch(text);
    expect(stderr.match(/Process Bob:/g)).toHaveLength(1);
    expect(stdout).toBe('Bob ended with 1\n');
  });

  test('what a child prints is complete when it has come to its end, and stands in its place', () => {
    const { stdout, stderr } = run('printsMuch');
    expect(/^(x+)\nBob ended with 0\n$/.exec(stdout)?.[1]?.length).toBe(1 << 20);
    expect(stderr).toBe('on the other stream\n');
  });

  test('so it is when an error ends the child, and the error, too', () => {
    const { stdout, stderr } = run('printsMuchAndThrows');
    expect(/^(x+)\nBob ended with 1\n$/.exec(stdout)?.[1]?.length).toBe(1 << 20);
    expect(/^Process Bob:\nError: (y+)\n {4}at .*\n$/s.exec(stderr)?.[1]?.length).toBe(1 << 20);
  });

  test('an error is an error though there is no stream to print it on', () => {
    expect(run('throwsWithoutErrorStream')).toMatchObject({ stdout: 'Bob ended with 1\n', stderr: '' });
  });

  test('a child may close its streams', () => {
    expect(run('printsWithoutStreams')).toMatchObject({ stdout: 'Bob ended with 0\n', stderr: '' });
  });

  test('a child that ends well, or by a signal, prints nothing', () => {
    expect(run('returns')).toMatchObject({ stdout: 'Bob ended with 0\n', stderr: '' });
    expect(run('exits')).toMatchObject({ stdout: 'Bob ended with 0\n', stderr: '' });
  });
});
