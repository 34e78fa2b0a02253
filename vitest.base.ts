import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

// The tests start thousands of programs from TypeScript sources, and most of what such a start costs is stripping types and
// compiling: 0.5 s of processor time, against 0.15 with what is kept here.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url));

/**
 * Tests run by Node itself, straight from TypeScript, without vite's module runner:
 * a function must be the very function that a child process imports by its URL.
 */
export const suite = (test: ViteUserConfig['test'] = {}): ViteUserConfig =>
  defineConfig({
    test: {
      include: ['test/**/*.test.ts'],
      experimental: { viteModuleRunner: false, nodeLoader: false },
      pool: 'forks',
      // Two cores on the smallest machine that we test on; more files at once only makes them wait for each other.
      maxWorkers: 2,
      execArgv: ['--conditions=@mp/source', '--expose-gc', '--disable-warning=ExperimentalWarning'],
      // For hangs only: a busy machine may be ten times slower, and no test depends on time.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      tags: [
        { name: 'every-node', description: 'what depends on the inside of Node: runs on each version that we support' },
      ],
      ...test,
    },
  });
