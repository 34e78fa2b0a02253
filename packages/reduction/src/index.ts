export { callable } from './callable.ts';
export { disassemble } from './disassemble.ts';
export { dumps, loads, loadsSync } from './dumps.ts';
export { ModuleNotLoadedError, PicklingError, UnpicklingError } from './errors.ts';
export { registerLocal } from './local-classes.ts';
export { type Pickle, Pickler, type PicklerOptions } from './pickler.ts';
export { type ImportedExport, importedExport } from './references/find-export.ts';
export { hasPrivateMembers } from './references/private-members.ts';
export {
  type RebuildContext,
  type ReduceContext,
  type Registration,
  register,
  registerAs,
  registerFunction,
} from './registry.ts';
export { type IncomingPickle, Unpickler, type UnpicklerOptions } from './unpickler.ts';
