// `node scripts/tool.mjs COMMAND [ARGS]`: sets up what is missing, and runs a program of the workspace.
import { become } from './setup/run.mjs';
import { SetupError } from './setup/say.mjs';
import { command, root, setUp } from './setup/set-up.mjs';

await command(async ([program, ...args]) => {
  if (program === undefined) throw new SetupError('usage: node scripts/tool.mjs COMMAND [ARGS]');
  const { env } = await setUp({ withNative: false });
  await become(program, args, { cwd: root, env });
});
