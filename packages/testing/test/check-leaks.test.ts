import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkLeaks, nodeChild } from '../src/index.ts';

checkLeaks();

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { title: string; status: string; failureMessages: readonly string[] }[];
  }[];
}

/** Runs a test file that fails, and returns for each test undefined, or what it failed with. */
async function outcomes(fixture: string): Promise<Record<string, string | undefined>> {
  const file = join(tmpdir(), 'report.json');
  const reporter = ['--reporter=json', `--outputFile=${file}`];
  const { stderr } = await nodeChild(vitest, {
    args: ['run', '--config', 'test/fixtures/vitest.config.ts', ...reporter, fixture],
  });
  expect(stderr).toBe('');
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const results = report.testResults.flatMap((file) => file.assertionResults);
  return Object.fromEntries(
    results.map(({ title, status, failureMessages }) => [
      title,
      status === 'passed' ? undefined : failureMessages.join('\n'),
    ]),
  );
}

test('a test that leaves something fails, and only that one', async () => {
  expect(await outcomes('leaky.fixture.ts')).toEqual({
    clean: undefined,
    'cleaned by afterEach': undefined,
    'cleaned by onTestFinished': undefined,
    'leaks a descriptor': expect.stringMatching(/^LeakError: Left behind, .*\n {2}- descriptor \d+: \/dev\/zero\n/),
    'clean after a leak': undefined,
    'leaks a timer': expect.stringMatching(/^LeakError: Left behind, .*\n {2}- timer made by .*leaky\.fixture\.ts/),
  });
});

test('tests that run at the same time are refused, for nobody could tell whose leak it is', async () => {
  const { one, two } = await outcomes('concurrent.fixture.ts');
  expect([one, two].filter((message) => message?.includes('do not run them concurrently'))).toHaveLength(1);
});

test('the folder for temporary files is that of the test file alone', () => {
  expect(tmpdir()).toMatch(/\/mp-\w{6}$/);
});
