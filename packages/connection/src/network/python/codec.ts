import type { Codec } from '../../codec.ts';
import { explainUndecodable } from '../missing-authkey.ts';
import { PickleReader } from './reader.ts';
import type { PickleCodecOptions } from './types.ts';
import { PickleWriter } from './writer.ts';

const NOTHING: readonly never[] = [];

/**
 * Objects as pickles of Python, for connections with Python peers.
 *
 * | Python | TypeScript |
 * |---|---|
 * | None | null (undefined becomes None, too) |
 * | bool, str | boolean, string |
 * | int | number; bigint beyond `Number.MAX_SAFE_INTEGER`. A number that is an integer becomes int, also 1.0 |
 * | float | number |
 * | bytes, bytearray | Uint8Array (also Buffer, ArrayBuffer), which becomes bytes |
 * | list | array |
 * | tuple | frozen array |
 * | dict | Map; a plain object becomes a dict |
 * | set, frozenset | Set, frozen Set |
 *
 * Values that contain each other, or themselves, arrive so. Protocols 2 to 5 are read, 4 is written. Anything else in
 * a pickle is refused and never executed: there is nothing here that could call a function of Python, or load one of
 * JavaScript. With `types` and `reduce` the owner may allow more.
 *
 * @example
 * ```ts
 * const codec = pickleCodec({
 *   types: { 'builtins.KeyError': { make: ([key]) => new Error(`KeyError: ${key}`) } },
 *   reduce: (value) => (value instanceof Date ? { module: 'time', name: 'gmtime', args: [value.getTime() / 1000] } : undefined),
 * });
 * const connection = await Client(['127.0.0.1', 6000], { codec, authkey });
 * ```
 */
export function pickleCodec(options: PickleCodecOptions = {}): Codec {
  const types = new Map(Object.entries(options.types ?? {}));
  const writer = new PickleWriter(options.reduce);
  return {
    pickle(value) {
      // A getter of the value, or `reduce`, may send something itself meanwhile.
      const { bytes, length } = (writer.busy ? new PickleWriter(options.reduce) : writer).write(value);
      return { bytes, start: 0, end: length, buffers: NOTHING, descriptors: NOTHING };
    },
    unpickler: {
      prepare: () => undefined,
      prepareSync: () => {},
      finish(incoming) {
        const { bytes, start, end } = incoming;
        try {
          return new PickleReader(bytes, start, end, types).read();
        } catch (error) {
          throw explainUndecodable(incoming, error);
        }
      },
    },
  };
}
