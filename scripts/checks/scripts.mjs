import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, program } from './check.mjs';

/** The checks are checked: each of them has to find what is planted for it. */
export const scripts = {
  name: 'scripts',
  title: 'the checks find what is planted for them (node:test)',
  async run({ root, tests }) {
    const folder = join('scripts', 'test');
    const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.mjs'));
    const args = ['--test', '--test-concurrency=2', '--test-reporter=tap', ...files.map((name) => join(folder, name))];
    const output = await program(root, process.execPath, args);
    const [, passed] = /^# pass (\d+)$/m.exec(output) ?? [];
    if (!(Number(passed) > 0)) throw new Failure('no test ran');
    tests.passed += Number(passed);
    return `${passed} tests`;
  },
};
