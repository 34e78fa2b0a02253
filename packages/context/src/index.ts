export { Context, defaultContext, getAllStartMethods, getContext, getStartMethod, setStartMethod } from './context.ts';
export { StartMethodError } from './errors.ts';
export { getExecutable, setExecutable } from './executable.ts';
export { checkStartMethod, START_METHODS, type StartMethod } from './start-method.ts';
