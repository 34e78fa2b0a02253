// `npm start [-- ARGS]`: sets up what is missing, and runs the playground from its sources.
import { join } from 'node:path';
import { become } from './setup/run.mjs';
import { command, root, setUp } from './setup/set-up.mjs';

await command(async (args) => {
  const { node, env } = await setUp();
  // Each scenario is a program that Node runs from TypeScript sources; the second time they need not be compiled.
  env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/node-compile');
  // npm goes to the folder of the package; but a path that somebody types is one from where they stand.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  await become(node, ['--conditions=@mp/source', join(root, 'apps/playground/src/main.ts'), ...args], { cwd, env });
});
