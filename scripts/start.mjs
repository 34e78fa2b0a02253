// `npm start [-- ARGS]`: sets up what is missing, and runs the playground from its sources.
import { join } from 'node:path';
import { become } from './setup/run.mjs';
import { command, root, setUp } from './setup/set-up.mjs';

await command(async (args) => {
  const { node, env } = await setUp();
  // Each scenario is a program that Node runs from TypeScript sources; the second time they need not be compiled.
  env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/node-compile');
  await become(node, ['--conditions=@mp/source', 'apps/playground/src/main.ts', ...args], { cwd: root, env });
});
