import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { changeset, packagesNamed, unannounced } from '../checks/changeset.mjs';

const packages = new Map([
  ['packages/pool', '@mp/pool'],
  ['packages/errors', '@mp/errors'],
]);

test('the packages that a changeset names are read from its head alone', () => {
  assert.deepEqual(packagesNamed('---\n"@mp/pool": minor\n\'@mp/errors\': patch\n---\n\nNote: "@mp/x": no\n'), [
    '@mp/pool',
    '@mp/errors',
  ]);
  assert.deepEqual(packagesNamed('---\n---\n'), []);
});

test('a changed package without a changeset is found, also when another one has one', () => {
  const changed = ['packages/pool/src/a.ts', 'packages/errors/package.json'];
  assert.deepEqual(unannounced(changed, packages, []), ['@mp/pool', '@mp/errors']);
  assert.deepEqual(unannounced(changed, packages, ['---\n"@mp/pool": patch\n---\n']), ['@mp/errors']);
});

test('tests and configurations are not released', () => {
  assert.deepEqual(
    unannounced(['packages/pool/test/a.test.ts', 'packages/pool/tsconfig.json', 'README.md'], packages, []),
    [],
  );
});

test('an empty changeset says that there is nothing to release', () => {
  assert.deepEqual(unannounced(['packages/pool/src/a.ts'], packages, ['---\n---\n']), []);
});

test('a branch is compared with where it left the main branch; a clone of that has nothing to compare', async (context) => {
  const root = mkdtempSync(join(tmpdir(), 'mp-changeset-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: root, stdio: 'pipe' });
  const commit = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    git('add', '.');
    git('commit', '-qm', path);
  };
  const environment = { base: process.env.MP_BASE, branch: process.env.GITHUB_BASE_REF };
  delete process.env.GITHUB_BASE_REF;
  process.env.MP_BASE = '';
  context.after(() => {
    if (environment.base !== undefined) process.env.MP_BASE = environment.base;
    else delete process.env.MP_BASE;
    if (environment.branch !== undefined) process.env.GITHUB_BASE_REF = environment.branch;
  });
  git('init', '-q', '-b', 'main');
  commit('package.json', '{ "private": true }');
  commit('packages/pool/package.json', '{ "name": "@mp/pool" }');
  assert.match(await changeset.run({ root }), /no base/);
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  assert.match(await changeset.run({ root }), /nothing changed/);
  commit('packages/pool/src/index.ts', '');
  await assert.rejects(changeset.run({ root }), /changed without a changeset: @mp\/pool/);
  writeFileSync(join(root, 'packages/pool/src/index.ts'), 'not committed yet');
  mkdirSync(join(root, '.changeset'));
  writeFileSync(join(root, '.changeset/brave-lions.md'), '---\n"@mp/pool": minor\n---\n\nIt is there.\n');
  assert.match(await changeset.run({ root }), /2 files changed since \w+, 1 changesets/);
  rmSync(join(root, '.changeset/brave-lions.md'));
  await assert.rejects(changeset.run({ root }), /changed without a changeset/);
  writeFileSync(join(root, 'packages/pool/package.json'), '{ "name": "@mp/pool", "version": "0.1.0" }');
  assert.match(await changeset.run({ root }), /0 changesets/, 'a release has used its changesets up');
});
