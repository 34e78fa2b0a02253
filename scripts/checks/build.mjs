import { program } from './check.mjs';

export const build = {
  name: 'build',
  title: 'the packages as they are published (tsup, tsc)',
  async run({ root }) {
    const output = await program(root, 'turbo', ['run', 'build', '--output-logs=errors-only', '--ui=stream']);
    return /Cached: +(\d+ cached, \d+ total)/.exec(output)?.[1] ?? '';
  },
};
