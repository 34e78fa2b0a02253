import { ESCAPE, Kind, MAX_UINT64, MIN_INT64, type Tree } from '../format.ts';
import type { Reducer } from './reducer.ts';

/** Called for zeros only: msgpackr writes -0 as 0. */
export const reduceNumber = (zero: number): Tree => (Object.is(zero, -0) ? [ESCAPE, Kind.NegativeZero] : zero);

/** Called for strings with lone surrogates only: UTF-8 has no place for them. */
export const reduceString = (text: string): Tree => [ESCAPE, Kind.Utf16, Buffer.from(text, 'utf16le')];

/** MessagePack has 64-bit integers; others travel as hexadecimal digits, which are linear to write and to read. */
export const reduceBigInt = (value: bigint): Tree =>
  value <= MAX_UINT64 && value >= MIN_INT64 ? value : [ESCAPE, Kind.BigInt, value.toString(16)];

const WELL_KNOWN: ReadonlyMap<symbol, string> = new Map(
  Object.getOwnPropertyNames(Symbol).flatMap((name) => {
    const value: unknown = (Symbol as unknown as Record<string, unknown>)[name];
    return typeof value === 'symbol' ? [[value, name]] : [];
  }),
);

export function reduceSymbol(reducer: Reducer, symbol: symbol): Tree {
  const name = WELL_KNOWN.get(symbol);
  if (name !== undefined) return [ESCAPE, Kind.WellKnownSymbol, name];
  const key = Symbol.keyFor(symbol);
  if (key !== undefined) return [ESCAPE, Kind.RegisteredSymbol, reducer.reduce(key)];
  return reducer.refuse(
    symbol,
    `is a symbol of this process alone, ${String(symbol)}. Use Symbol.for(…), which means the same everywhere`,
  );
}
