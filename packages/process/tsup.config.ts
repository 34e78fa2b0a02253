import { library } from '../../tsup.base.ts';

export default library([
  'src/index.ts',
  'src/internal.ts',
  'src/child/main.ts',
  'src/child/late.ts',
  'src/forkserver/main.ts',
  'src/forkserver/stand-in.ts',
]);
