import { type IncomingPickle, Pickler, PicklingError, Unpickler } from '@mp/reduction';
import type { Codec } from '../codec.ts';
import type { Outgoing } from '../transport.ts';
import { explainUndecodable } from './missing-authkey.ts';

/** From here on a message is worth forgetting at once. */
const LARGE_BYTES = 1 << 16;

/** The pickle of null, to be read instead of the memory of a message. */
const NULL: IncomingPickle = { bytes: Uint8Array.of(0x50, 0xc0), start: 0, end: 2 };

/**
 * For peers over the network: everything is in the bytes, and descriptors cannot travel.
 *
 * @param trusted - whether the peer may name modules to load, and functions and classes in them
 */
function networkCodec(trusted: boolean): Codec {
  const pickler = new Pickler();
  const unpickler = new Unpickler({ trusted });
  return {
    pickle(value): Outgoing {
      const pickle = pickler.pickle(value);
      if (pickle.descriptors.length > 0) throw descriptorsStay();
      return pickle;
    },
    unpickler: {
      prepare: (incoming) => unpickler.prepare(incoming),
      prepareSync: (incoming) => unpickler.prepareSync(incoming),
      finish(incoming) {
        try {
          return unpickler.finish(incoming);
        } catch (error) {
          throw explainUndecodable(incoming, error);
        } finally {
          // It keeps the memory that it has read last.
          if (incoming.end - incoming.start > LARGE_BYTES) unpickler.finish(NULL);
        }
      },
    },
  };
}

/** Plain data, built-in types and what is registered for strangers; nothing that is received names code. */
export const untrustingCodec: Codec = networkCodec(false);

/** The peer is one of us: functions and classes travel by reference. */
export const networkTrustingCodec: Codec = networkCodec(true);

const descriptorsStay = (): PicklingError =>
  new PicklingError(
    '`value` cannot be sent: it contains a file descriptor (a connection, shared memory, a lock), which cannot leave this machine. Send what the peer needs to make one of its own.',
    { path: 'value', valueType: 'descriptor' },
  );
