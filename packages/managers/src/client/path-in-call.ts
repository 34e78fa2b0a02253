import { relocate } from '@mp/process/internal';

/** An argument that cannot be pickled: called as the caller calls it, and not where it stands in a request. */
export const inCall = (error: unknown): unknown => relocate(error, (path) => path.replace(/^value\[[34]\]/, 'args'));
