import { delimiter, dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { capture } from '../setup/run.mjs';
import { otherNode } from '../setup/toolchain.mjs';
import { Failure } from './check.mjs';

/** Three times what they take on two busy cores. */
const LIMIT_MINUTES = 20;

/** Adds up the closing lines of all the vitest runs in a text. */
export function countTests(output) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [, line] of stripVTControlCharacters(output).matchAll(/^.*?\bTests {2}(.*\(\d+\))\s*$/gm)) {
    for (const [, number, kind] of line.matchAll(/(\d+) (passed|failed|skipped)/g)) counts[kind] += Number(number);
  }
  return counts;
}

/** Another Node comes first on the PATH, and its version into the hash by which turborepo knows the results. */
async function environment(root, version) {
  if (version === undefined) return process.env;
  const node = await otherNode(root, version);
  return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}`, MP_TEST_NODE: version };
}

/**
 * Runs the tests of the packages, or some of them.
 *
 * @param {import('./check.mjs').Context} context
 * @param {{ node?: string, packages?: string[], args?: string[] }} [which] - on another Node; of these packages only; with
 *   more arguments for vitest
 * @returns {Promise<string>} how many passed
 */
export async function runTests({ root, show, tests }, { node, packages = [], args = [] } = {}) {
  const turbo = [
    'run',
    'test',
    ...packages.map((name) => `--filter=${name}`),
    '--concurrency=2',
    '--continue=dependencies-successful',
    '--log-order=grouped',
    '--ui=stream',
    ...(args.length > 0 ? ['--', ...args] : []),
  ];
  const options = { cwd: root, env: await environment(root, node), limitMinutes: LIMIT_MINUTES };
  const { ok, output, end } = await capture('turbo', turbo, options, show);
  const counts = countTests(output);
  for (const kind of Object.keys(counts)) tests[kind] += counts[kind];
  if (!ok) throw new Failure(`the tests failed, see above (${end})`);
  if (counts.passed === 0) throw new Failure('no test ran');
  return `${counts.passed} tests, ${/Cached: +(\d+ cached, \d+ total)/.exec(output)?.[1] ?? ''}`;
}

export const test = {
  name: 'test',
  title: 'tests of all packages (vitest)',
  run: (context) => runTests(context, { node: context.node }),
};
