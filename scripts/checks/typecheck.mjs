import { program } from './check.mjs';

/**
 * Types of sources, tests and configurations. Tests of types (`test/*.test-d.ts`) are compiled with the others: they
 * consist of assignments that must compile and of `@ts-expect-error` before lines that must not.
 */
export const typecheck = {
  name: 'typecheck',
  title: 'types of sources, tests and type tests (tsc)',
  async run({ root }) {
    const output = await program(root, 'turbo', ['run', 'typecheck', '--output-logs=errors-only', '--ui=stream']);
    await program(root, 'tsc', ['-p', 'tsconfig.json']);
    return /Tasks: +(\d+) successful/.exec(output)?.[1]?.concat(' packages') ?? '';
  },
};
