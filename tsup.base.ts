import { builtinModules } from 'node:module';
import { defineConfig, type Options } from 'tsup';

/**
 * `import { inspect } from 'node:util'` becomes `const { inspect } = globalThis.process.getBuiltinModule('node:util')`.
 *
 * An import makes Node read every export of the built-in module, and some of those are getters that load half of Node:
 * `util` or `fs` costs each process 3 ms and 2 MiB, whatever is taken from it. A child process pays that at each start.
 */
const builtinsByCall: NonNullable<Options['plugins']>[number] = {
  name: 'built-in modules by call',
  renderChunk(code) {
    const replaced = code.replace(IMPORT, (statement, star, single, named, id) => {
      const name = id.replace(/^node:/, '');
      if (!builtinModules.includes(name)) return statement;
      const names = star ?? single ?? `{${named.replaceAll(/\sas\s/g, ': ')}}`;
      return `const ${names} = globalThis.process.getBuiltinModule("node:${name}");`;
    });
    const left = [...replaced.matchAll(/^(?:import|export) [^'"\n]*from ["'](?:node:)?([^"'@.][^"']*)["']/gm)];
    const missed = left.find(([, id]) => builtinModules.includes(id as string));
    if (missed !== undefined) throw new Error(`"${missed[0]}" is a form of import that tsup.base.ts does not know.`);
    return { code: replaced };
  },
};

const IMPORT = /^import (?:\* as (\w+)|([\w$]+)|\{([^}]*)\}) from ["']([^"']+)["'];/gm;

/**
 * `var Lock = class _Lock` becomes `var Lock = class Lock`, and so do the mentions inside; `function Value2` likewise.
 *
 * esbuild gives a name of its own to what mentions itself, and users would meet it: in errors, in what is shown, in stacks.
 */
const ownNames: NonNullable<Options['plugins']>[number] = {
  name: 'own names',
  renderChunk(code) {
    let renamed = code;
    for (const [, name, given] of code.matchAll(/^var (\w+) = (?:class|function) (_\1|\1\d+)\b/gm)) {
      renamed = renamed.replaceAll(new RegExp(`(?<![\\w$])${given}(?![\\w$])`, 'g'), name as string);
    }
    return { code: renamed };
  },
};

/** The build of every package: JavaScript by tsup; declarations by `tsc -p tsconfig.build.json`. */
export const library = (
  entry: readonly string[] = ['src/index.ts'],
  more: Options = {},
): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry: [...entry],
    format: 'esm',
    target: 'node22',
    platform: 'node',
    dts: false,
    sourcemap: true,
    clean: true,
    // One copy of each class, whatever entry it is reached through: `instanceof` must not depend on the door.
    splitting: true,
    treeshake: true,
    plugins: [builtinsByCall, ownNames],
    ...more,
  } satisfies Options);
