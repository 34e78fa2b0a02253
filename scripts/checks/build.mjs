import { stripVTControlCharacters } from 'node:util';
import { Failure, program } from './check.mjs';

export const build = {
  name: 'build',
  title: 'the packages as they are published (tsup, tsc)',
  async run({ root }) {
    const output = await program(root, 'turbo', ['run', 'build', '--ui=stream']);
    // Such as an import that is dropped because its package.json says that it has no effect.
    const lines = stripVTControlCharacters(output).split('\n');
    const warnings = lines.filter((line) => line.includes('[WARNING]'));
    if (warnings.length > 0) throw new Failure(`${warnings.join('\n')}\n(see npm run build)`);
    return /Cached: +(\d+ cached, \d+ total)/.exec(output)?.[1] ?? '';
  },
};
