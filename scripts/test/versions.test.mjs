import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrongVersions } from '../checks/versions.mjs';

test('exact versions, aliases and packages of the workspace are in order', () => {
  const dependencies = { a: '1.2.3', b: 'npm:@scope/b@4.5.6', '@mp/c': 'workspace:*', d: '1.0.0-rc.1' };
  assert.deepEqual(wrongVersions([['package.json', { dependencies }]]), []);
});

test('ranges and tags are found', () => {
  for (const version of ['^1.2.3', '~1.2.3', '1.x', 'latest', '*', '>=1.0.0', 'npm:b@^1.0.0']) {
    assert.match(
      wrongVersions([['package.json', { devDependencies: { a: version } }]]).join(),
      /pin the exact version/,
    );
  }
});

test('two versions of one dependency are found', () => {
  const files = [
    ['a/package.json', { dependencies: { x: '1.0.0' } }],
    ['b/package.json', { devDependencies: { x: '1.0.1' } }],
  ];
  assert.deepEqual(wrongVersions(files), [
    'b/package.json: x is "1.0.1", but "1.0.0" in a/package.json; use one version',
  ]);
});

test('a package of the workspace by any other version is found', () => {
  assert.match(wrongVersions([['package.json', { dependencies: { '@mp/a': '0.0.0' } }]]).join(), /"workspace:\*"/);
});
