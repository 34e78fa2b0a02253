import { describe, expect, test } from 'vitest';
import { readCatalogue, type Scenario } from '../../src/runner/catalogue.ts';
import { run } from '../../src/runner/outcome.ts';
import { checkNothingLeft } from '../nothing-left.ts';

/** Those that measure time would measure what else the tests are doing; `npm start` runs them. */
const scenarios = readCatalogue().filter((found): found is Scenario => 'header' in found && !found.header.needsQuiet);

/** Runs every second scenario: there are two files of tests, so that two scenarios run at a time. */
export function testEverySecond(first: 0 | 1): void {
  checkNothingLeft();

  describe('scenario', () => {
    const ours = scenarios.filter((_, index) => index % 2 === first);
    test.each(ours)('$number $name prints what it promises', async (scenario) => {
      const { problems, stdout, stderr } = await run(scenario);
      expect(problems, `${stdout}\n${stderr}`).toEqual([]);
    });
  });
}
