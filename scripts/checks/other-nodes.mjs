import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pins } from '../setup/toolchain.mjs';
import { Failure } from './check.mjs';
import { runTests } from './test.mjs';

/** What a test file says whose subject depends on the inside of Node: how it is forked, what the inspector tells. */
const TAG = 'every-node';

/** The test files with the tag, as paths from the root of the repository. */
export const taggedFiles = (root) =>
  globSync('packages/*/test/**/*.test.ts', { cwd: root }).filter((path) =>
    new RegExp(`^// @module-tag ${TAG}$`, 'm').test(readFileSync(join(root, path), 'utf8')),
  );

export const otherNodes = {
  name: 'other-nodes',
  title: `the tests with the tag ${TAG}, on the other versions of Node (vitest)`,
  async run(context) {
    const files = taggedFiles(context.root);
    if (files.length === 0) throw new Failure(`no test file has the line "// @module-tag ${TAG}"`);
    const packages = [...new Set(files.map((path) => path.split(sep).slice(0, 2).join('/')))];
    // Paths from the package, so that vitest starts no worker for the other files; the tag keeps out namesakes.
    const names = files.map((path) => path.split(sep).slice(2).join('/'));
    const args = [`--tags-filter=${TAG}`, ...new Set(names)];
    const found = [];
    for (const node of pins.otherNodes) {
      const passed = await runTests(context, { node, packages: packages.map((folder) => `./${folder}`), args });
      found.push(`${node}: ${passed}`);
    }
    return found.join('; ');
  },
};
