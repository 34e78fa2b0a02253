import { defineConfig, type Options } from 'tsup';

/** The build of every package: JavaScript by tsup; declarations by `tsc -p tsconfig.build.json`. */
export const library = (entry: readonly string[] = ['src/index.ts']): ReturnType<typeof defineConfig> =>
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
  } satisfies Options);
