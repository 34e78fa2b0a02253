import types from 'node:util/types';
import { ESCAPE, Kind, type Tree } from '../format.ts';
import type { Reducer } from './reducer.ts';

export function reduceDate(date: Date): Tree {
  const time = Date.prototype.getTime.call(date);
  return [ESCAPE, Kind.Date, Number.isNaN(time) ? null : time];
}

const read = (getter: string, object: object): unknown => Reflect.get(RegExp.prototype, getter, object) as unknown;

export function reduceRegExp(regExp: RegExp): Tree {
  const source = read('source', regExp) as string;
  const { lastIndex } = regExp;
  return [
    ESCAPE,
    Kind.RegExp,
    source.isWellFormed() ? source : [ESCAPE, Kind.Utf16, Buffer.from(source, 'utf16le')],
    read('flags', regExp) as string,
    typeof lastIndex === 'number' ? lastIndex : 0,
  ];
}

const BOXES = [
  [types.isNumberObject, Number.prototype],
  [types.isStringObject, String.prototype],
  [types.isBooleanObject, Boolean.prototype],
  [types.isBigIntObject, BigInt.prototype],
  [types.isSymbolObject, Symbol.prototype],
] as const;

export function reduceBoxed(reducer: Reducer, object: object): { home: object; tree: Tree; hasFields: boolean } {
  for (const [matches, home] of BOXES) {
    if (!matches(object)) continue;
    return { home, tree: [ESCAPE, Kind.Boxed, reducer.reduce((home as object).valueOf.call(object))], hasFields: true };
  }
  return reducer.refuse(object, 'is a boxed primitive of an unknown kind');
}
