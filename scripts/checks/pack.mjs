import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { otherNode, pins } from '../setup/toolchain.mjs';
import { mapAtMost } from './at-most.mjs';
import { Failure, program } from './check.mjs';
import { installTarballs, packAll } from './tarballs.mjs';

/** What the linters of packages say of a tarball. */
async function inspect(root, { path }) {
  await program(root, 'publint', ['run', path, '--strict']);
  await program(root, 'attw', [path, '--profile', 'esm-only', '--no-color', '--no-emoji']);
}

/** Compiles a program of a user against the published declarations, with nothing left out. */
async function compile(root, folder) {
  const tsconfig = {
    compilerOptions: {
      target: 'ES2023',
      lib: ['ES2024', 'ESNext.Disposable'],
      module: 'NodeNext',
      strict: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: ['types.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  await program(folder, join(root, 'node_modules/.bin/tsc'), ['-p', '.']);
}

/** Runs the programs of the user, and returns how many parts of them had something to run. */
async function use(folder, node, names) {
  let parts = 0;
  for (const file of ['import.mjs', 'require.cjs', 'smoke.mjs']) {
    const output = await program(folder, node, [file, ...names]);
    const [, count] = /^parts: (\d+)$/m.exec(output) ?? [];
    if (count === undefined) throw new Failure(`${file} did not come to its end:\n${output}`);
    parts += Number(count);
  }
  return parts;
}

export const pack = {
  name: 'pack',
  title: 'the packed packages, as a user installs them (publint, attw, npm, three versions of Node)',
  async run({ root }) {
    await program(root, 'turbo', ['run', 'build', '--output-logs=errors-only', '--ui=stream']);
    const folder = mkdtempSync(join(tmpdir(), 'mp-pack-'));
    try {
      const tarballs = await packAll(root, folder);
      await mapAtMost(2, tarballs, (tarball) => inspect(root, tarball));
      const consumer = join(folder, 'consumer');
      await installTarballs(root, tarballs, consumer);
      const names = tarballs.map(({ name }) => name).filter((name) => !/^@mp\/native-/.test(name));
      writeFileSync(join(consumer, 'types.ts'), names.map((name, i) => `export * as _${i} from '${name}';\n`).join(''));
      await compile(root, consumer);
      const others = await Promise.all(pins.otherNodes.map((version) => otherNode(root, version)));
      let parts = 0;
      for (const node of [process.execPath, ...others]) parts += await use(consumer, node, names);
      if (parts === 0) throw new Failure('no package exports anything, so nothing was run');
      return `${tarballs.length} tarballs, Node ${[pins.node, ...pins.otherNodes].join(', ')}`;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
