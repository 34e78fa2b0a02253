import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './check.mjs';
import { difference, examplesIn } from './example.mjs';

/** Longer than any example takes on a busy machine; one that hangs is ended. */
const LIMIT = 60_000;

/**
 * Runs an example from the sources, as a file in the folder of its package, so that it imports what a user would import.
 *
 * @returns what is wrong with it, or undefined
 */
function fault(folder, { code, promised }, index) {
  const file = join(folder, `.inline-readme-${process.pid}-${index}.ts`);
  writeFileSync(file, `${code}\nexport {};\n`);
  try {
    const args = ['--conditions=@mp/source', '--disable-warning=ExperimentalWarning', file];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    });
    if (status !== 0) return `ended with ${signal ?? `exit code ${status}`}\n${stdout}${stderr}`;
    return difference(promised, stdout);
  } finally {
    rmSync(file, { force: true });
  }
}

export const readme = {
  name: 'readme',
  title: 'the examples in the READMEs do what they say',
  async run({ root, tests }) {
    const facade = join(root, 'packages/multiprocessing');
    const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name));
    // The README of the repository speaks of the façade.
    const places = [['.', facade], ...packages.map((folder) => [folder, join(root, folder)])];
    const faults = [];
    let count = 0;
    for (const [place, folder] of places) {
      const path = join(place, 'README.md');
      if (!existsSync(join(root, path))) continue;
      for (const [index, example] of examplesIn(readFileSync(join(root, path), 'utf8')).entries()) {
        count++;
        const wrong = fault(folder, example, index);
        if (wrong !== undefined) faults.push(`${path}:${example.line}: ${wrong}`);
      }
    }
    tests.passed += count - faults.length;
    tests.failed += faults.length;
    if (faults.length > 0) throw new Failure(faults.join('\n'));
    return `${count} examples`;
  },
};
