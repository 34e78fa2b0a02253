import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { temporaryCopy } from './temporary-copy.mjs';

/** What turborepo would take from its cache, by the hash of everything that it thinks the task depends on. */
function hashes(copy, task) {
  const json = execFileSync('turbo', ['run', task, '--dry=json'], { cwd: copy.root, encoding: 'utf8' });
  return new Map(JSON.parse(json).tasks.map(({ taskId, hash }) => [taskId, hash]));
}

for (const task of ['test', 'typecheck']) {
  test(`a change in a package spoils the cached "${task}" of those that depend on it, and of no other`, (context) => {
    const copy = temporaryCopy(context, (path) => !path.startsWith('.github'));
    execFileSync('git', ['init', '--quiet'], { cwd: copy.root });
    const before = hashes(copy, task);
    copy.write('packages/connection/src/planted.ts', 'export const planted = 1;\n');
    const after = hashes(copy, task);
    const changed = (name) => before.get(`@mp/${name}#${task}`) !== after.get(`@mp/${name}#${task}`);
    assert.ok(before.has(`@mp/pool#${task}`));
    assert.ok(changed('connection') && changed('pool') && changed('multiprocessing'));
    assert.ok(!changed('errors') && !changed('native'));
  });
}
