import { expect, test } from 'vitest';
import { find, readCatalogue } from '../../src/runner/catalogue.ts';
import { scenarioText } from '../scenario-text.ts';
import { TemporaryFolder } from '../temporary-folder.ts';

const TEXT = scenarioText(['x'], `console.log('x');`);

const numbered = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => letter + (i + 1));

test('every scenario of the playground can be understood, and every row of the documents has one', () => {
  const catalogue = readCatalogue();
  expect(catalogue.filter((scenario) => 'problem' in scenario)).toEqual([]);
  const numbers = catalogue.map(({ number }) => number);
  const rows = numbered('', 56);
  expect(numbers).toEqual(expect.arrayContaining([...rows, ...numbered('S', 9), ...numbered('U', 5)]));
});

test('scenarios come by number, those of the seed documents last', () => {
  const folder = new TemporaryFolder({
    's1-a.ts': TEXT,
    '10-b.ts': TEXT,
    '02-c.ts': TEXT,
    's11-d.ts': TEXT,
    's2-e.ts': TEXT,
    'modules/no-scenario.ts': 'export const x = 1;',
  });
  expect(readCatalogue(folder.url).map(({ number, name }) => `${number} ${name}`)).toEqual([
    '2 c',
    '10 b',
    'S1 a',
    'S2 e',
    'S11 d',
  ]);
});

test('a scenario is found by number, name and file, in capitals or not', () => {
  const folder = new TemporaryFolder({ '07-pipes.ts': TEXT, 's4-made-at-run-time.ts': TEXT, '04-queues.ts': TEXT });
  const catalogue = readCatalogue(folder.url);
  for (const wanted of ['7', '07', 'pipes', 'Pipes', '07-pipes', '07-pipes.ts']) {
    expect(find(catalogue, wanted)?.number).toBe('7');
  }
  for (const wanted of ['S4', 's4', 's04', 'made-at-run-time', 's4-made-at-run-time']) {
    expect(find(catalogue, wanted)?.number).toBe('S4');
  }
  for (const wanted of ['', '70', 's7', 'pipe', 's', '0']) expect(find(catalogue, wanted)).toBeUndefined();
});

test('a file that is not called like a scenario, has no header, or a number that is taken, is not passed over', () => {
  const folder = new TemporaryFolder({
    '7-pipes.ts': TEXT,
    '07-more-pipes.ts': TEXT,
    '8-locks.ts': `console.log('x');`,
    '9-placeholders.ts': scenarioText(['<pit:x>'], ''),
    'Pools.ts': TEXT,
  });
  const problems = readCatalogue(folder.url).map((found) => 'problem' in found && [found.name, found.problem]);
  expect(problems.filter(Boolean)).toEqual([
    ['Pools.ts', expect.stringContaining('not called like one')],
    ['pipes', 'there is another scenario with the number 7'],
    ['locks', expect.stringContaining('does not begin with a header')],
    ['placeholders', expect.stringContaining('<pit:x> is no placeholder')],
  ]);
});
