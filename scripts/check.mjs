// Runs the checks; `npm test` sets up the toolchain and comes here.
//   node scripts/check.mjs [--only NAME,NAME] [--node VERSION] [--keep-going] [--list]
import { parseArgs } from 'node:util';
import { build } from './checks/build.mjs';
import { changeset } from './checks/changeset.mjs';
import { Failure } from './checks/check.mjs';
import { declarations } from './checks/declarations.mjs';
import { documented } from './checks/documented.mjs';
import { facade } from './checks/facade.mjs';
import { knip } from './checks/knip.mjs';
import { layers } from './checks/layers.mjs';
import { lint } from './checks/lint.mjs';
import { otherNodes } from './checks/other-nodes.mjs';
import { pack } from './checks/pack.mjs';
import { readme } from './checks/readme.mjs';
import { scripts } from './checks/scripts.mjs';
import { test } from './checks/test.mjs';
import { typecheck } from './checks/typecheck.mjs';
import { versions } from './checks/versions.mjs';
import { root } from './setup/set-up.mjs';

/**
 * Quick ones first. Those of one group run at the same time; when one of them fails, the groups behind it are not begun,
 * unless we are told to keep going.
 */
const PHASES = [
  [versions, changeset, facade, documented, lint],
  [typecheck, declarations, layers],
  [knip, scripts],
  [test],
  [otherNodes],
  [readme],
  [build],
  [pack],
];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    node: { type: 'string' },
    'keep-going': { type: 'boolean' },
    list: { type: 'boolean' },
  },
});
const all = PHASES.flat();
if (values.list) {
  for (const { name, title } of all) console.log(`${name.padEnd(12)} ${title}`);
  process.exit();
}
const chosen = values.only?.split(',') ?? all.map(({ name }) => name);
const unknown = chosen.filter((name) => !all.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(`There is no check ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

// Nobody looks at a log through a terminal; and each program that we run would have to find that out by itself.
if (!process.stdout.isTTY) process.env.NO_COLOR ??= '1';

const tests = { passed: 0, failed: 0, skipped: 0 };
const results = new Map();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(7);
const indented = (text) => text.replace(/^/gm, '    ');

async function run({ name, title, run: work }, isAlone) {
  const started = performance.now();
  const line = (mark, rest) => console.log(`${mark} ${name.padEnd(12)} ${seconds(started)}  ${title}${rest}`);
  if (isAlone) console.log(`… ${name.padEnd(12)}          ${title}`);
  try {
    const found = await work({ root, tests, node: values.node, show: (text) => process.stdout.write(text) });
    line('✔', found ? `: ${found}` : '');
    results.set(name, 'passed');
  } catch (error) {
    line('✘', '');
    console.log(indented(error instanceof Failure ? error.message : String(error.stack)));
    results.set(name, 'failed');
  }
}

const started = performance.now();
for (const phase of PHASES) {
  const checks = phase.filter(({ name }) => chosen.includes(name));
  if ([...results.values()].includes('failed') && !values['keep-going']) {
    for (const { name } of checks) results.set(name, 'not run');
    continue;
  }
  await Promise.all(checks.map((check) => run(check, checks.length === 1)));
}

const named = (outcome) => [...results].filter(([, found]) => found === outcome).map(([name]) => name);
const failed = named('failed');
console.log(`\n${named('passed').length} of ${results.size} checks passed in ${seconds(started).trim()}`);
if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
if (named('not run').length > 0) console.log(`not run: ${named('not run').join(', ')}`);
console.log(`tests: ${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped`);
process.exitCode = failed.length > 0 ? 1 : 0;
