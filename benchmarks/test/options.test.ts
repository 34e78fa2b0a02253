import { expect, test } from 'vitest';
import { UsageError } from '../src/errors.ts';
import { chosenRows, optionsOf } from '../src/options.ts';

const ALL = ['pipe.roundtrip', 'pipe.large', 'pool.apply', 'pool.applyAsync'];

test('without options all rows are measured in full', () => {
  expect(optionsOf([])).toEqual({ prefixes: [], json: undefined, quick: false, list: false, help: false });
  expect(chosenRows(ALL, [])).toEqual(ALL);
});

test('a prefix chooses the rows whose name starts so, in the order of the table', () => {
  expect(chosenRows(ALL, ['pool.apply', 'pipe.large'])).toEqual(['pipe.large', 'pool.apply', 'pool.applyAsync']);
});

test('a prefix may be given with --only or without it, and several times', () => {
  expect(optionsOf(['--only', 'pipe', '--only', 'pool', 'memory']).prefixes).toEqual(['pipe', 'pool', 'memory']);
});

test('a prefix that fits no row is an error that lists the rows', () => {
  expect(() => chosenRows(ALL, ['pip.'])).toThrow(UsageError);
  expect(() => chosenRows(ALL, ['pip.'])).toThrow('pool.applyAsync');
});

test('an unknown option, or a file that is not named, is an error that shows the usage', () => {
  expect(() => optionsOf(['--fast'])).toThrow(/--fast[\s\S]*npm run bench/);
  expect(() => optionsOf(['--json'])).toThrow(UsageError);
});
