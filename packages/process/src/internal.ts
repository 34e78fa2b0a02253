export { familyKey } from './authkey.ts';
export { startForkServer } from './forkserver/current.ts';
export { setImporting } from './importing.ts';
export { relocate } from './relocate.ts';
export { noteOrigin } from './remote-stack.ts';
