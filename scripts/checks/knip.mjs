import { program } from './check.mjs';

export const knip = {
  name: 'knip',
  title: 'no unused files, exports and dependencies (knip)',
  async run({ root }) {
    await program(root, 'knip', ['--no-progress', '--no-config-hints']);
    return '';
  },
};
