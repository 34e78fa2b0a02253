import { join } from 'node:path';
import { Failure } from './check.mjs';
import { entriesBelow, exportsOf } from './exports.mjs';

/** What the façade leaves out, and why. */
export const LEFT_OUT = {
  '@mp/connection': {
    Untyped: 'another name for `any`, so that its reason stands in one place',
  },
  '@mp/context': {
    getContext: 'the façade has its own, whose contexts make processes, pools and all the rest',
    defaultContext: 'makes nothing; `getContext()` does, and what can be asked of it are functions of the façade',
    checkStartMethod: 'for packages that take the name of a start method',
    START_METHODS: '`getAllStartMethods()` returns the same',
  },
  '@mp/errors': {
    brandError: 'for packages that have errors of their own',
  },
  '@mp/reduction': {
    importedExport: 'for the package that starts processes',
    ImportedExport: 'what it returns',
  },
  '@mp/synchronize': {
    SyncWaitOptions: 'the same as that of @mp/connection; test/types.test-d.ts shows that it is',
  },
};

/**
 * What packages export and the façade does not, and reasons without a cause.
 *
 * @param {string} root - of the repository
 * @param {Readonly<Record<string, Readonly<Record<string, string>>>>} [leftOut] - by package and name, the reason
 */
export async function missing(root, leftOut = LEFT_OUT) {
  const facade = new Map();
  for (const { name, original, from, isType } of await exportsOf(
    root,
    join(root, 'packages/multiprocessing/src/index.ts'),
  )) {
    facade.set(`${from} ${original}`, isType);
    // Under another name it is there as well: `SharedArray as Array` is of the package.
    facade.set(`${from} ${name}`, isType);
  }
  const entries = entriesBelow(root, 'multiprocessing');
  const wrong = [];
  let count = 0;
  for (const [dependency, file] of entries) {
    const reasons = leftOut[dependency] ?? {};
    const exported = await exportsOf(root, file);
    count += exported.length;
    for (const { name, isType } of exported) {
      const found = facade.get(`${dependency} ${name}`);
      const reason = reasons[name];
      if (found === undefined && reason === undefined) {
        wrong.push(
          `${dependency} exports ${isType ? 'the type ' : ''}${name}, the façade does not. Add it to packages/multiprocessing/src/index.ts, or say why not in scripts/checks/facade.mjs.`,
        );
      } else if (found !== undefined && reason !== undefined) {
        wrong.push(`${dependency}: ${name} is in the façade, but scripts/checks/facade.mjs says why it is not.`);
      } else if (found === true && !isType) {
        wrong.push(`${dependency} exports ${name}, the façade only its type.`);
      }
    }
    const names = new Set(exported.map(({ name }) => name));
    for (const name of Object.keys(reasons).filter((other) => !names.has(other))) {
      wrong.push(`${dependency} does not export ${name}: take the reason out of scripts/checks/facade.mjs.`);
    }
  }
  if (count === 0) throw new Failure('no package was looked at, so nothing was checked');
  return { wrong, count };
}

export const facade = {
  name: 'facade',
  title: 'what a package exports, the façade exports',
  async run({ root }) {
    const { wrong, count } = await missing(root);
    if (wrong.length > 0) throw new Failure(wrong.join('\n'));
    return `${count} names`;
  },
};
