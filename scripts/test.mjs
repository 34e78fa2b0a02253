// `npm test [-- --only lint,test]`: sets up what is missing, and runs every check; see checks/.
import { become } from './setup/run.mjs';
import { command, root, setUp } from './setup/set-up.mjs';

await command(async (args) => {
  const { node, env } = await setUp();
  await become(node, ['scripts/check.mjs', ...args], { cwd: root, env });
});
