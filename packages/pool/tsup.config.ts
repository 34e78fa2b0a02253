import { library } from '../../tsup.base.ts';

// A thread's program is started by its path, and a worker's function travels by reference, so it has to be an export of the module that it ends up in.
export default library(['src/index.ts', 'src/processes/worker.ts', 'src/threads/thread-main.ts']);
