import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifests } from '../setup/workspace.mjs';
import { Failure } from './check.mjs';

const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

/** A list of what is wrong with the versions in some package.json files, given as `[path, content]`. */
export function wrongVersions(files) {
  const wrong = [];
  const seen = new Map();
  for (const [path, manifest] of files) {
    const own = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) => {
      return Object.entries(manifest[kind] ?? {});
    });
    for (const [name, version] of own) {
      if (version === 'workspace:*') continue;
      if (name.startsWith('@mp/')) wrong.push(`${path}: ${name} is of this repository, so it is "workspace:*"`);
      else if (!EXACT.test(version)) {
        wrong.push(`${path}: ${name} is "${version}"; pin the exact version, so that every clone is the same`);
      }
      const first = seen.get(name) ?? { path, version };
      seen.set(name, first);
      if (first.version !== version) {
        wrong.push(`${path}: ${name} is "${version}", but "${first.version}" in ${first.path}; use one version`);
      }
    }
  }
  return wrong;
}

export const versions = {
  name: 'versions',
  title: 'every dependency has one exact version',
  async run({ root }) {
    const files = manifests(root).map((path) => [path, JSON.parse(readFileSync(join(root, path), 'utf8'))]);
    const wrong = wrongVersions(files);
    if (wrong.length > 0) throw new Failure(wrong.join('\n'));
    return `${files.length} files`;
  },
};
