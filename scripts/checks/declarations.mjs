import { capture } from '../setup/run.mjs';
import { Failure } from './check.mjs';

/** A method under a symbol of our own has no name that tsc could write down by itself; its type is written all the same. */
const COMPUTED_NAME = 'TS9038';

/** The complaints of tsc about types that are not written down; everything else is the business of the type check. */
export function unwritten(output) {
  return output.split('\n').filter((line) => /error TS90\d\d:/.test(line) && !line.includes(COMPUTED_NAME));
}

export const declarations = {
  name: 'declarations',
  title: 'what a package exports has its types written on it (tsc)',
  async run({ root }) {
    const { output } = await capture('tsc', ['-p', 'tsconfig.declarations.json', '--pretty', 'false'], {
      cwd: root,
      env: process.env,
    });
    const lines = unwritten(output);
    if (lines.length > 0) throw new Failure(lines.join('\n'));
    // Nothing to complain of in nothing.
    if (/error TS(18003|5\d\d\d)\b/.test(output)) throw new Failure(output);
    return '';
  },
};
