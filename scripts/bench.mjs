// `npm run bench [-- ARGS]`: sets up what is missing, builds the packages, and measures the built code.
import { become, capture } from './setup/run.mjs';
import { presentable, SetupError } from './setup/say.mjs';
import { command, root, setUp } from './setup/set-up.mjs';

await command(async (args) => {
  const { node, env } = await setUp();
  const build = await capture('turbo', ['run', 'build', '--output-logs=errors-only', '--ui=stream'], {
    cwd: root,
    env,
  });
  if (!build.ok) throw new SetupError(`the packages could not be built (${build.end}):\n${presentable(build.output)}`);
  await become(node, ['benchmarks/src/main.ts', ...args], { cwd: root, env });
});
