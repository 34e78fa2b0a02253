/** Builds the addon of the source tree, build/Release/mp_native.node: `pnpm --filter @mp/native build:native`. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { checkBinary } from './binary.mjs';
import { findHeaders } from './headers.mjs';
import { requireTool, run } from './tool.mjs';

const packageRoot = fileURLToPath(new URL('..', import.meta.url));

function nodeGyp() {
  try {
    return createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  } catch (error) {
    throw new Error('node-gyp is not installed; run pnpm install first.', { cause: error });
  }
}

function build() {
  if (process.platform !== 'linux') throw new Error(`@mp/native is for Linux only, and this is ${process.platform}.`);
  const compiler = process.env.CC ?? 'cc';
  requireTool(
    compiler,
    'to compile @mp/native',
    'Install a C compiler, or name one in CC (Debian: apt-get install gcc).',
  );
  requireTool('make', 'by node-gyp', 'Debian: apt-get install make.');
  requireTool(process.env.PYTHON ?? 'python3', 'by node-gyp', 'Debian: apt-get install python3; or name it in PYTHON.');
  const { directory, origin } = findHeaders();
  console.log(`Building @mp/native with ${compiler} and the headers in ${directory}/include/node (${origin}).`);
  run(
    process.execPath,
    [nodeGyp(), 'configure', 'build', `--nodedir=${directory}`, '--loglevel=error'],
    // node-gyp links with the C++ compiler, which need not be there: no line of this is C++, nor does it need a library.
    { cwd: packageRoot, env: { ...process.env, CC: compiler, CXX: compiler, npm_config_nodedir: undefined } },
  );
  checkBinary(`${packageRoot}build/Release/mp_native.node`);
}

try {
  build();
} catch (error) {
  console.error(`build:native: ${error.message}`);
  process.exitCode = 1;
}
