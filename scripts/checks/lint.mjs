import { program } from './check.mjs';

export const lint = {
  name: 'lint',
  title: 'formatting and lint rules (biome)',
  async run({ root }) {
    const output = await program(root, 'biome', ['check', '--error-on-warnings', '--max-diagnostics=100']);
    return /Checked (\d+ files)/.exec(output)?.[1] ?? '';
  },
};
