// `npm start [-- ARGS]`: sets up what is missing, and runs the playground from its sources.
import { become } from './setup/run.mjs';
import { command, root, setUp } from './setup/set-up.mjs';

await command(async (args) => {
  const { node, env } = await setUp();
  await become(node, ['--conditions=@mp/source', 'apps/playground/src/main.ts', ...args], { cwd: root, env });
});
