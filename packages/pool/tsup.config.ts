import { library } from '../../tsup.base.ts';

// The worker's function travels by reference, so it has to be an export of the module that it ends up in.
export default library(['src/index.ts', 'src/processes/worker.ts']);
