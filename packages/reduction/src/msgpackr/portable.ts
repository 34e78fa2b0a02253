import { type Copy, loadCopy } from './copy.ts';

const NATIVE_OFF = 'MSGPACKR_NATIVE_ACCELERATION_DISABLED';

/**
 * The copy in JavaScript alone.
 *
 * This file is for sources. A build has the text of msgpackr in itself instead (see tsup.config.ts), since each process
 * needs it: loaded from its own file, which brings the streams of Node with it, it takes 6 ms, and so not 2.
 */
export function loadPortable(): Copy {
  const setting = process.env[NATIVE_OFF];
  process.env[NATIVE_OFF] = 'true';
  try {
    return loadCopy();
  } finally {
    if (setting === undefined) delete process.env[NATIVE_OFF];
    else process.env[NATIVE_OFF] = setting;
  }
}
