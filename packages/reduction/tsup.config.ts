import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { library } from '../../tsup.base.ts';

const msgpackr = dirname(dirname(createRequire(import.meta.url).resolve('msgpackr')));

export default library(['src/index.ts'], {
  esbuildPlugins: [
    {
      // Its own copy of msgpackr, without the native part and without streams: src/msgpackr/portable.ts says why.
      name: 'msgpackr inside',
      setup({ onLoad }) {
        onLoad({ filter: /\/src\/msgpackr\/portable\.ts$/ }, () => ({
          resolveDir: msgpackr,
          contents: `
            import { addExtension, Packr } from './pack.js';
            import { C1, clearSource } from './unpack.js';
            export const loadPortable = () => ({ addExtension, C1, clearSource, Packr });
          `,
        }));
      },
    },
  ],
  onSuccess: () => copyFile(join(msgpackr, 'LICENSE'), 'dist/LICENSE.msgpackr'),
});
