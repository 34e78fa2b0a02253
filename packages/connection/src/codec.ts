import { type Pickle, Pickler, Unpickler } from '@mp/reduction';
import type { Outgoing } from './transport.ts';

/** A pickled object, and what has to be undone if it is not sent. */
export type Pickled = Outgoing & Partial<Pick<Pickle, 'ifNotSent'>>;

/** How the objects of a connection become messages, and messages become objects. */
export interface Codec {
  /** The message is good until the next call. Throws when the value cannot travel. */
  pickle(value: unknown): Pickled;
  /** Throws nothing but UnpicklingError and what derives from it. */
  readonly unpickler: Pick<Unpickler, 'prepare' | 'prepareSync' | 'finish'>;
}

/** Buffers from here on travel outside of the pickle, in memory of their own, and are not copied by the receiver. */
const OUT_OF_BAND_BYTES = 1 << 17;

const pickler = new Pickler({ outOfBand: OUT_OF_BAND_BYTES });

/** Between processes of one program: what is sent may name modules to load. */
export const trustingCodec: Codec = {
  pickle: (value) => pickler.pickle(value),
  unpickler: new Unpickler(),
};
