import { describe, expect, test } from 'vitest';
import { readCatalogue, type Scenario } from '../src/runner/catalogue.ts';
import { run } from '../src/runner/outcome.ts';
import { checkNothingLeft } from './nothing-left.ts';

checkNothingLeft();

/** Those that measure time would measure what else the tests are doing; `npm start` runs them. */
const scenarios = readCatalogue().filter((found): found is Scenario => 'header' in found && !found.header.needsQuiet);

describe('scenario', () => {
  test.each(scenarios)('$number $name prints what it promises', { timeout: 60_000 }, async (scenario) => {
    const { problems, stdout, stderr } = await run(scenario);
    expect(problems, `${stdout}\n${stderr}`).toEqual([]);
  });
});
