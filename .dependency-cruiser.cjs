/**
 * The layers of ARCHITECTURE.md as rules. A package may import from strictly lower floors only, and only what the other
 * package's `exports` declare.
 */
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const floors = [
  ['errors'],
  ['reduction', 'native'],
  ['connection'],
  ['context', 'shared-memory'],
  ['process', 'synchronize'],
  ['queues', 'sharedctypes'],
  ['pool'],
  ['managers'],
  ['multiprocessing'],
];

const any = (names) => (names.length > 0 ? `(${names.join('|')})` : '(?!)');

const layerRules = floors.flatMap((floor, index) =>
  floor.map((name) => ({
    name: `floor-${index}-${name}`,
    comment: `@mp/${name} stands on floor ${index}: it may import from lower floors only, neither from its own nor from a higher one.`,
    severity: 'error',
    from: { path: `^packages/${name}/src/` },
    to: {
      path: `^(packages/${any(
        floors
          .slice(index)
          .flat()
          .filter((other) => other !== name),
      )}|apps|benchmarks)/`,
    },
  })),
);

/** Packages that are on no floor: a new one has to be given its place first. */
const placed = any([...floors.flat(), 'testing']);

/** The sources of everything that a package declares in `exports`: the only doors that others may use. */
const doors = readdirSync(join(__dirname, 'packages')).flatMap((name) => {
  const manifest = join(__dirname, 'packages', name, 'package.json');
  if (!existsSync(manifest)) return [];
  const { exports: declared = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  return Object.values(declared)
    .map((door) => (typeof door === 'string' ? door : door['@mp/source']))
    .filter((path) => path?.startsWith('./src/'))
    .map((path) => `^packages/${name}/${path.slice(2).replaceAll('.', '[.]')}$`);
});

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'no-circular',
      comment:
        'A cycle has no lowest part: nothing in it can be tested or loaded by itself, and what is loaded first depends on who asks. (Types may refer to each other: they are gone at run time.)',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'package-has-a-floor',
      comment: 'Give the new package its place in .dependency-cruiser.cjs and in ARCHITECTURE.md.',
      severity: 'error',
      from: { path: '^packages/', pathNot: `^packages/${placed}/` },
      to: {},
    },
    {
      name: 'no-deep-import',
      comment: 'Another package is used through what its package.json declares in `exports`, by its name.',
      severity: 'error',
      from: { path: '^(packages/[^/]+|apps/[^/]+|benchmarks)/' },
      to: {
        path: '^packages/[^/]+/(src|test|dist)/',
        pathNot: ['^$1/', ...doors],
      },
    },
    {
      name: 'no-relative-import-of-another-package',
      comment: 'A relative path out of the package is not there once the package is published: import by name.',
      severity: 'error',
      from: { path: '^(packages/[^/]+)/(src|test)/' },
      to: { path: '^packages/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'not-to-test',
      comment: 'What is published does not know of tests.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: '^packages/testing/' },
      to: { path: ['^(packages|apps)/[^/]+/test/', '^packages/testing/'] },
    },
    {
      name: 'addon-through-native',
      comment: 'Only @mp/native loads machine code; everybody else uses its functions.',
      severity: 'error',
      from: { pathNot: '^packages/native/' },
      to: { path: '[.]node$|^packages/native/(build|prebuilds)/' },
    },
    {
      name: 'no-third-party',
      comment:
        'The packages have no runtime dependencies but each other; only @mp/reduction has one, msgpackr. Small installs, and nobody else to wait for.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/(testing|reduction)/' },
      to: { path: 'node_modules/', pathNot: ['node_modules/@mp/', 'node_modules/@types/node/'] },
    },
    {
      name: 'reduction-has-msgpackr-only',
      comment: 'The one runtime dependency is msgpackr.',
      severity: 'error',
      from: { path: '^packages/reduction/src/' },
      to: {
        path: 'node_modules/',
        pathNot: ['node_modules/@mp/', 'node_modules/@types/node/', 'node_modules/msgpackr/'],
      },
    },
    {
      name: 'not-unresolvable',
      comment: 'There is no such module.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)[.]inline-' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@mp/source', 'import', 'types', 'node', 'default'],
    },
  },
};
