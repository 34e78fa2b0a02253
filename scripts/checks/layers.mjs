import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { capture } from '../setup/run.mjs';
import { manifests } from '../setup/workspace.mjs';
import { Failure } from './check.mjs';

/**
 * Looks for imports that break the rules of .dependency-cruiser.cjs.
 *
 * @returns {Promise<{ modules: number, violations: string[] }>}
 */
export async function cruise(root) {
  // Not what was built from them: that imports the same, and may be old.
  const folders = manifests(root)
    .filter((path) => path !== 'package.json')
    .flatMap((path) => [join(dirname(path), 'src'), join(dirname(path), 'test')])
    .filter((folder) => existsSync(join(root, folder)));
  const args = [...folders, '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  // It exits with the number of violations; what counts is whether its answer can be read.
  const { output } = await capture('depcruise', args, { cwd: root, env: process.env });
  let result;
  try {
    result = JSON.parse(output);
  } catch {
    throw new Failure(`dependency-cruiser gave no result:\n${output}`);
  }
  const reasons = new Map(result.summary.ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment]));
  const violations = result.summary.violations.map(({ rule, from, to, cycle = [] }) => {
    const path = cycle.length > 0 ? cycle.map(({ name }) => name).join(' → ') : to;
    return `${from} → ${path}\n    ${rule.name}: ${reasons.get(rule.name)}`;
  });
  return { modules: result.summary.totalCruised, violations };
}

export const layers = {
  name: 'layers',
  title: 'layers, cycles and entry points (dependency-cruiser)',
  async run({ root }) {
    const { modules, violations } = await cruise(root);
    // With a TypeScript that it does not know, it sees nothing and is content.
    if (modules === 0) throw new Failure('no module was looked at, so nothing was checked');
    if (violations.length > 0) throw new Failure(violations.join('\n'));
    return `${modules} modules`;
  },
};
