export { allowChildren } from './allow-children.ts';
export { familyKey, joinFamily } from './authkey.ts';
export { outputTaken } from './child/output.ts';
export { asStartError } from './errors.ts';
export { startForkServer } from './forkserver/current.ts';
export { isImporting, setImporting } from './importing.ts';
export { logInfo } from './logging.ts';
export { relocate } from './relocate.ts';
export { noteOrigin } from './remote-stack.ts';
