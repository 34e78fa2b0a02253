import { type Copy, loadCopy } from './copy.ts';

/** A copy with the native string extractor, if that is installed for this platform. */
export const loadAccelerated = (): Copy => loadCopy();
