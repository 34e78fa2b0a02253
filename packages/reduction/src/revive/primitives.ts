import { UnpicklingError } from '../errors.ts';
import { Kind } from '../format.ts';
import { bytes, corrupt, type Escape, text } from './checks.ts';
import type { Reviver } from './reviver.ts';

const HEXADECIMAL = /^-?[0-9a-f]+$/;

export function revivePrimitive(reviver: Reviver, node: Escape): unknown {
  switch (node[1]) {
    case Kind.NegativeZero:
      return -0;
    case Kind.Utf16:
      return bytes(node[2]).toString('utf16le');
    case Kind.BigInt:
      return reviveBigInt(text(node[2]));
    case Kind.WellKnownSymbol: {
      const symbol: unknown = Reflect.get(Symbol, text(node[2]));
      return typeof symbol === 'symbol' ? symbol : corrupt('it names a symbol that this version of Node does not have');
    }
    default: {
      if (!reviver.trusted) {
        // The registry of symbols is never cleared: a stranger could fill it.
        throw new UnpicklingError(
          'The message cannot be unpickled: registered symbols are not accepted from an untrusted sender.',
        );
      }
      return Symbol.for(reviver.value(node[2]) as string);
    }
  }
}

function reviveBigInt(digits: string): bigint {
  if (!HEXADECIMAL.test(digits)) corrupt('a BigInt has digits that are none');
  return digits.startsWith('-') ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`);
}
