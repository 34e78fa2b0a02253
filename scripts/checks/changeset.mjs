import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { capture } from '../setup/run.mjs';
import { manifests } from '../setup/workspace.mjs';
import { Failure } from './check.mjs';

/** Files of a package that its users never see. */
const UNSEEN = /^(test\/|CHANGELOG\.md$|tsconfig[\w.]*\.json$|vitest\.config\.ts$|tsup\.config\.ts$|scripts\/)/;

/** The packages that a changeset names. One that names none says: nothing to release here. */
export function packagesNamed(changeset) {
  const [, head = ''] = /^---\r?\n(.*?)^---/ms.exec(changeset) ?? [];
  return [...head.matchAll(/^['"]?([^'":]+)['"]?\s*:/gm)].map(([, name]) => name.trim());
}

/**
 * The publishable packages that have changed and that no new changeset names.
 *
 * @param {string[]} changed - paths of files that differ from the base
 * @param {Map<string, string>} packages - publishable packages: folder and name
 * @param {string[]} changesets - the text of each changeset that the base does not have
 */
export function unannounced(changed, packages, changesets) {
  const named = changesets.map(packagesNamed);
  if (named.some((names) => names.length === 0)) return [];
  const announced = new Set(named.flat());
  const touched = [...packages].filter(([folder]) => {
    return changed.some((path) => path.startsWith(`${folder}/`) && !UNSEEN.test(path.slice(folder.length + 1)));
  });
  return touched.map(([, name]) => name).filter((name) => !announced.has(name));
}

/** Whether the package got a new version since the base: then its changesets have just been turned into a CHANGELOG. */
async function isRelease(root, base, path) {
  const before = await git(root, 'show', `${base}:${path}`);
  if (before === undefined) return false;
  return JSON.parse(before).version !== JSON.parse(readFileSync(join(root, path), 'utf8')).version;
}

async function git(root, ...args) {
  const { ok, output } = await capture('git', args, { cwd: root });
  return ok ? output.trim() : undefined;
}

const lines = (text) => (text ?? '').split('\n').filter(Boolean);

/** Where this work branched off: from the branch that a pull request is for, or else from the main branch of the origin. */
async function findBase(root) {
  const branch = process.env.GITHUB_BASE_REF || 'main';
  return git(root, 'merge-base', 'HEAD', process.env.MP_BASE || `origin/${branch}`);
}

export const changeset = {
  name: 'changeset',
  title: 'a changeset for every package that changed',
  async run({ root }) {
    const base = await findBase(root);
    if (base === undefined) return 'no base to compare with (set MP_BASE, or fetch origin/main)';
    const committed = await git(root, 'diff', '--name-only', base);
    const untracked = await git(root, 'ls-files', '--others', '--exclude-standard');
    const changed = [...lines(committed), ...lines(untracked)];
    if (changed.length === 0) return 'nothing changed since the base';
    const publishable = new Map();
    for (const path of manifests(root)) {
      const { name, private: isPrivate } = JSON.parse(readFileSync(join(root, path), 'utf8'));
      if (!isPrivate && !(await isRelease(root, base, path))) publishable.set(dirname(path), name);
    }
    const texts = changed
      .filter(
        (path) => /^\.changeset\/[^/]+\.md$/.test(path) && !path.endsWith('/README.md') && existsSync(join(root, path)),
      )
      .map((path) => readFileSync(join(root, path), 'utf8'));
    const missing = unannounced(changed, publishable, texts);
    if (missing.length > 0) {
      throw new Failure(
        `changed without a changeset: ${missing.join(', ')}\n` +
          'Run `npm run changeset` and say for their users what changed; `npm run changeset -- --empty` if nothing did.',
      );
    }
    return `${changed.length} files changed since ${base.slice(0, 8)}, ${texts.length} changesets`;
  },
};
